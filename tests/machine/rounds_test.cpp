// Who works, with whom, and how often; no word on how fast.

#include "machine/rounds.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "machine/clock_rate.hpp"
#include "machine/fma_rate.hpp"
#include "machine/memory_rate.hpp"
#include "machine/transfers.hpp"
#include "room.hpp"
#include "test_world.hpp"

using namespace hypercast;
using namespace hypercast::machine;

namespace {

const Rounds quick{5, 1e-4};

bool all_positive(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return v > 0 && std::isfinite(v); });
}

}  // namespace

TEST(Rounds, AloneIsRankZeroAndAllRanksLearnOfIt) {
  Room room(test_world());
  int calls = 0;
  const auto samples = alone(room.context, quick, [&](double seconds) {
    EXPECT_EQ(seconds, quick.seconds);
    return 10.0 + calls++;
  });
  EXPECT_EQ(calls, room.comm.is_root() ? 5 : 0);
  EXPECT_EQ(samples, (std::vector<double>{10, 11, 12, 13, 14}));
}

TEST(Rounds, TogetherIsTheSumOverTheFirstNode) {
  for (const int most : {0, 1, 2}) {
    Room room(test_world(), most);
    const auto samples = together(room.context, quick, [&](double) { return 1.0 + room.comm.rank(); });
    const int ranks = most == 0 ? room.comm.size() : std::min(most, room.comm.size());
    EXPECT_EQ(samples, std::vector<double>(5, ranks * (ranks + 1) / 2.0)) << most;
  }
}

TEST(Rounds, CallsAreAsManyOnEveryRank) {
  Room room(test_world());
  std::vector<double> numbers;
  const auto seconds = seconds_a_call(room.comm, quick, [&](std::int64_t n) {
    numbers.push_back(static_cast<double>(n));
    const double start = wall_seconds();
    while (wall_seconds() - start < 1e-5 * static_cast<double>(n) * (1 + room.comm.rank())) {
    }
  });
  ASSERT_EQ(seconds.size(), 5u);
  for (const double s : seconds) EXPECT_GE(s, 1e-5 * room.comm.size());  // the slowest rank counts
  for (std::size_t i = 0; i < numbers.size(); ++i)
    EXPECT_EQ(room.comm.min(numbers[i]), room.comm.max(numbers[i]));
}

TEST(Rounds, APassIsMadeAtLeastOnce) {
  int passes = 0;
  EXPECT_GT(passes_a_second(0, [&] { ++passes; }), 0);
  EXPECT_GE(passes, 1);
}

TEST(Partners, AreNeighboursOnANodeOrTheSameRankOfTheNext) {
  const int ranks = test_world().size();
  for (const int most : {0, 1, 2}) {
    Room room(test_world(), most);
    const int size = most == 0 ? ranks : most;
    const auto in_node = partners_in_node(room.context);
    const auto between = partners_between_nodes(room.context);
    const int node = room.comm.rank() / size, place = room.comm.rank() % size;
    const auto exists = [&](int n, int p) { return p < size && n * size + p < ranks; };
    EXPECT_EQ(in_node.pair.size(), exists(node, place ^ 1) ? 2 : 1) << most;
    EXPECT_EQ(between.pair.size(), exists(node ^ 1, place) ? 2 : 1) << most;
    EXPECT_EQ(in_node.exists, exists(0, 1));
    EXPECT_EQ(between.exists, exists(1, 0));
    // The lower rank leads.
    EXPECT_EQ(in_node.pair.rank(), in_node.pair.size() == 2 ? place & 1 : 0);
    EXPECT_EQ(between.pair.rank(), between.pair.size() == 2 ? node & 1 : 0);
  }
}

TEST(Transfers, TakeTimeOnEveryRankAlike) {
  Room room(test_world());
  const auto partners = partners_in_node(room.context);
  if (partners.exists) {
    auto seconds = message_seconds(room.context, quick, partners.pair, 1000);
    EXPECT_TRUE(all_positive(seconds));
    EXPECT_EQ(room.comm.min(seconds[0]), room.comm.max(seconds[0]));
    EXPECT_TRUE(all_positive(window_seconds(room.node, quick, 1000)));
  }
  EXPECT_TRUE(all_positive(sync_seconds(room.node, quick)));
}

TEST(Loops, DoWork) {
  EXPECT_GT(clock_rate(1e-5), 0);
  EXPECT_GT(fma_rate<float>(1e-5), 0);
  EXPECT_GT(fma_rate<double>(1e-5), 0);
  MemoryBlock block(64 << 10);
  for (const auto loop : {MemoryLoop::read, MemoryLoop::copy, MemoryLoop::triad, MemoryLoop::update}) {
    EXPECT_GT(block.rate(loop, 1e-5), 0) << name_of(loop);
    EXPECT_TRUE(std::isfinite(block.rate(loop, 1e-5))) << name_of(loop);
  }
  EXPECT_THROW(MemoryBlock(64), Error);
  EXPECT_EQ(bytes_an_element(MemoryLoop::triad), 12);
  EXPECT_EQ(bytes_an_element(MemoryLoop::update), 28);
}
