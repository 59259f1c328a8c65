#pragma once
// Which blocks of memory tell how fast a level of it is.

#include "machine/facts.hpp"

namespace hypercast::machine {

// Bytes of a rank while `ranks` of its node work on blocks of their own.
struct BlockSizes {
  double second_cache;  // half of it
  double last_cache;    // a rank's share of half of it, but no less than the second cache
  double main_memory;   // all ranks together four times the last cache, each four times its second one
};
// Caches that the system does not tell of count as 1 MiB and 32 MiB.
BlockSizes block_sizes(const Facts& facts, int ranks);

// Adam state of so many bytes a node stays in its last caches: other programs and data want some of them.
double resident_bytes(const Facts& facts);

}  // namespace hypercast::machine
