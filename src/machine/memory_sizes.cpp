#include "machine/memory_sizes.hpp"

#include <algorithm>

namespace hypercast::machine {

BlockSizes block_sizes(const Facts& facts, int ranks) {
  constexpr double mib = 1 << 20;
  const Cache *second = facts.level(2), *last = facts.last();
  const double own = second ? second->bytes : mib;
  const double common = last ? last->bytes : 32 * mib;
  const int sharers = std::min(ranks, last ? last->shared_by : 1);
  return {own / 2, std::max(common / 2 / sharers, own), std::max(4 * common / sharers, 4 * own)};
}

double resident_bytes(const Facts& facts) { return 0.75 * facts.last_cache_bytes(); }

}  // namespace hypercast::machine
