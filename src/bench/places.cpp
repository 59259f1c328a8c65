#include "bench/places.hpp"

#include <algorithm>

namespace hypercast::bench {

std::vector<Place> places_of(const machine::Facts& machine, int ranks_of_node, double dram) {
  constexpr double mib = 1 << 20;
  const machine::Cache* second = machine.level(2);
  const machine::Cache* last = machine.last();
  const double own = second ? second->bytes : mib;
  const double common = last ? last->bytes : 32 * mib;
  const int sharers = std::min(ranks_of_node, last ? last->shared_by : 1);
  return {{"l2", own / 2},
          {"last_cache", std::max(common / 2 / sharers, own)},
          {"dram", dram > 0 ? dram : std::max(4 * common, 64 * mib)}};
}

}  // namespace hypercast::bench
