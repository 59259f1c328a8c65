#pragma once
// The deck section [bench].

#include <string>
#include <vector>

#include "deck/schema.hpp"

namespace hypercast::bench {

struct BenchOptions {
  static constexpr const char* section = "bench";
  std::vector<std::string> groups{"clock",  "fma",     "sincos",     "memory",    "messages",
                                  "window", "kernels", "evaluation", "optimiser", "head",
                                  "sums",   "step",    "solver",     "products",  "model"};
  double seconds = 0.05;
  int repeats = 7;
  void describe(Section& s);
};

// Adds [bench] and the tables of all groups.
void add_bench_sections(Schema& schema);

}  // namespace hypercast::bench
