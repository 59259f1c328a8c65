#pragma once
// Where arrays of a rank can lie, and how large they are there.

#include <string>
#include <vector>

#include "core/context.hpp"
#include "machine/facts.hpp"

namespace hypercast::bench {

struct Place {
  std::string name;  // "l2", "last_cache", "dram"
  double bytes;      // of a rank, all arrays together
};

// Half of the second cache; half of the last one, of which ranks that share it have equal parts; and `dram`
// bytes in memory, or, with 0, four times the last cache.
std::vector<Place> places_of(const machine::Facts& machine, int ranks_of_node, double dram);

}  // namespace hypercast::bench
