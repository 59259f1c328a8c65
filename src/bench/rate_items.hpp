#pragma once
// The two items of a rate: of one rank while the others sleep, and of a rank while all work.

#include "bench/group.hpp"

namespace hypercast::bench {

struct RateItem {
  std::string name;  // without who
  std::string unit;
  std::string what;
  std::string bound = {};  // the name, without who, of an item that it is a fraction of; empty: none
};

// COLLECTIVE. Adds <name>.alone and <name>.together, each a fraction of <bound>.alone and <bound>.together.
void add_rates(const Bench& bench, const RateItem& item, const machine::Rate& rate);

}  // namespace hypercast::bench
