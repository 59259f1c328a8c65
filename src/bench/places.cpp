#include "bench/places.hpp"

#include <algorithm>

#include "machine/memory_sizes.hpp"

namespace hypercast::bench {

std::vector<Place> places_of(const machine::Facts& machine, int ranks_of_node, double dram) {
  constexpr double mib = 1 << 20;
  const auto sizes = machine::block_sizes(machine, ranks_of_node);
  // One rank alone is to go to main memory, too.
  const machine::Cache* last = machine.last();
  const double beyond = std::max(4 * (last ? last->bytes : 32 * mib), 64 * mib);
  return {{"l2", sizes.second_cache}, {"last_cache", sizes.last_cache}, {"dram", dram > 0 ? dram : beyond}};
}

}  // namespace hypercast::bench
