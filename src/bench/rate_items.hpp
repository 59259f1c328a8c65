#pragma once
// The two items of a rate: of one rank while the others sleep, and while all work.

#include "bench/group.hpp"

namespace hypercast::bench {

struct RateItem {
  std::string name;  // without who
  std::string unit;
  std::string what;
  std::string bound = {};  // the name, without who, of an item that it is a fraction of; empty: none
  // What is told of all who work together: the rate of one of them, or, where they share what limits it, as
  // memory, that of all ranks of a node.
  bool of_node = false;
};

// COLLECTIVE. Adds <name>.alone and <name>.together, each a fraction of <bound>.alone and <bound>.together.
void add_rates(const Bench& bench, const RateItem& item, const machine::Rate& rate);

}  // namespace hypercast::bench
