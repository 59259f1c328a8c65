// The quick measurement before training: complete, the same on all ranks, and over soon.

#include "machine/calibrate.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "machine/memory_sizes.hpp"
#include "machine/sincos_rate.hpp"
#include "room.hpp"
#include "test_world.hpp"

using namespace hypercast;
using namespace hypercast::machine;

namespace {

std::vector<double> numbers_of(const Rates& r) {
  return {r.flops_alone,
          r.flops_together,
          r.clock,
          r.bandwidth,
          r.cache_bandwidth,
          r.sincos_cycles,
          r.cache_bytes,
          r.in_node.latency,
          r.in_node.seconds_per_byte,
          r.between_nodes.latency,
          r.between_nodes.seconds_per_byte,
          static_cast<double>(r.ranks_per_node)};
}

}  // namespace

TEST(Calibrate, MeasuresWhatAFloorNeedsOnNodesOfAnySize) {
  for (const int most : {0, 1, 2}) {
    Room room(test_world(), most);
    const auto rates = calibrate(room.context);
    const int ranks = room.comm.size(), on_node = most == 0 ? ranks : std::min(most, ranks);
    for (const double number : numbers_of(rates)) {
      EXPECT_TRUE(std::isfinite(number) && number >= 0) << most;
      EXPECT_EQ(room.comm.min(number), room.comm.max(number)) << most;
    }
    for (const double number :
         {rates.flops_together, rates.clock, rates.bandwidth, rates.cache_bandwidth, rates.sincos_cycles})
      EXPECT_GT(number, 0) << most;
    EXPECT_EQ(rates.flops_alone, rates.flops_together);
    EXPECT_EQ(rates.ranks_per_node, on_node);
    EXPECT_EQ(rates.in_node.latency > 0 && rates.in_node.seconds_per_byte > 0, on_node > 1) << most;
    EXPECT_EQ(rates.between_nodes.latency > 0 && rates.between_nodes.seconds_per_byte > 0, ranks > on_node);
  }
}

TEST(Sincos, WorkIsDone) { EXPECT_GT(sincos_rate(1e-5), 0); }

// Two cores with a second cache of 1 MB each and 16 MB in common.
TEST(BlockSizes, AreSharesOfTheCachesThatRanksWorkIn) {
  Facts facts;
  facts.logical_processors = 4;
  facts.caches = {{1, "Data", 32e3, 1}, {2, "Unified", 1e6, 1}, {3, "Unified", 16e6, 2}};
  const auto one = block_sizes(facts, 1), two = block_sizes(facts, 2), many = block_sizes(facts, 100);
  EXPECT_EQ(one.second_cache, 5e5);
  EXPECT_EQ(one.last_cache, 8e6);
  EXPECT_EQ(one.main_memory, 64e6);
  EXPECT_EQ(two.last_cache, 4e6);
  EXPECT_EQ(two.main_memory, 32e6);
  EXPECT_EQ(many.main_memory, 32e6);  // no more than two can share it
  EXPECT_EQ(resident_bytes(facts), 24e6);
  facts.caches[2].shared_by = 100;
  EXPECT_EQ(block_sizes(facts, 100).last_cache, 1e6);
  EXPECT_EQ(block_sizes(facts, 100).main_memory, 4e6);
  EXPECT_EQ(block_sizes({}, 1).main_memory, 128 << 20);
  EXPECT_EQ(resident_bytes({}), 0);
}

TEST(Links, TheFasterOneBringsLongMessagesEarlier) {
  const Link one{1e-6, 1e-9}, other{2e-6, 1e-10};
  EXPECT_EQ(faster(one, other).latency, 2e-6);
  EXPECT_EQ(faster(other, one).latency, 2e-6);
}
