#pragma once
// The machine of the cost model, filled with what was measured.

#include "bench/group.hpp"
#include "train/cost_model.hpp"

namespace hypercast::bench {

// What cannot be measured, or not on every machine.
struct Assumed {
  machine::Link network;   // where this run has one node only
  int ranks_per_node = 0;  // 0: as many as this run has
};

// Needs the items of clock, fma, sincos and memory; notes in the results what was assumed.
machine::Rates machine_model(const Bench& bench, const Assumed& assumed);

// The machine as one row of numbers, and the floors of models on several numbers of ranks, phase by phase.
Table machine_table(const machine::Rates& machine);

enum class Scaling {
  strong,  // the frames of the shape in a step, whatever the ranks
  weak     // the frames of the shape in a step for every rank
};
// With one replica and a replicated trunk, or with what train::recommend says. "trunk_split" is 1 where the
// trunk is data-parallel; "efficiency" compares with the floor of one rank.
Table floor_table(const std::string& name, const machine::Rates& machine, const train::ModelShape& shape,
                  const std::vector<int>& ranks, Scaling scaling, bool recommended);

}  // namespace hypercast::bench
