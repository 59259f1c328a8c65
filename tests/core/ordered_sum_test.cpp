// Sums with the same bits on any number of ranks.

#include "core/ordered_sum.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "test_world.hpp"

using namespace hypercast;

namespace {

std::vector<double> term(std::int64_t number) {
  const auto x = static_cast<double>(number);
  return {std::sin(x + 1), std::exp(5 * std::sin(7 * x)), 1};
}

std::vector<double> total(OrderedSum<double>& sum, const Comm& comm, std::size_t size) {
  std::vector<double> all(size);
  sum.total(comm, all);
  return all;
}

// On one rank alone.
std::vector<double> alone(std::int64_t count) {
  OrderedSum<double> sum(count, 3);
  for (std::int64_t i = 0; i < count; ++i) sum.add(i, term(i));
  return total(sum, Comm::self(), 3);
}

}  // namespace

TEST(OrderedSum, HasTheSameBitsOnAnyNumberOfRanks) {
  const auto& world = test_world();
  for (const std::int64_t count : {0, 1, 2, 3, 5, 8, 13, 100}) {
    OrderedSum<double> sum(count, 3);
    const Range mine = share_of(count, world.rank(), world.size());
    for (auto i = mine.begin; i < mine.end; ++i) sum.add(i, term(i));
    const auto all = total(sum, world, 3);
    EXPECT_EQ(all, alone(count)) << count << " terms";
    EXPECT_EQ(all[2], static_cast<double>(count));
  }
}

// Long ones are summed slice by slice, each on a rank of its own.
TEST(OrderedSum, HasTheSameBitsHoweverLong) {
  const auto& world = test_world();
  for (const std::size_t size : {std::size_t{2}, std::size_t{1000}, std::size_t{10007}})
    for (const std::int64_t count : {1, 5, 13}) {
      const Range mine = share_of(count, world.rank(), world.size());
      OrderedSum<float> shared(count, size), own(count, size);
      Buffer<float> values(size);
      for (std::int64_t i = 0; i < count; ++i) {
        for (std::size_t k = 0; k < size; ++k)
          values[k] = std::sin(0.37f * static_cast<float>(k) + static_cast<float>(i * i));
        own.add(i, values);
        if (mine.begin <= i && i < mine.end) shared.add(i, values);
      }
      Buffer<float> all(size), expected(size);
      shared.total(world, all);
      own.total(Comm::self(), expected);
      EXPECT_EQ(all, expected) << count << " terms of " << size;
    }
}

TEST(OrderedSum, CanBeUsedAgainWithOtherStretches) {
  const auto& world = test_world();
  OrderedSum<float> sum(9, 1);
  for (int round = 0; round < 3; ++round) {
    // All on one rank, then shared out.
    const Range mine =
        round < 2 ? Range{0, world.is_root() ? 9 : 0} : share_of(9, world.rank(), world.size());
    for (auto i = mine.begin; i < mine.end; ++i) {
      const auto value = static_cast<float>((round + 1) * i);
      sum.add(i, std::span(&value, 1));
    }
    float total = 0;
    sum.total(world, std::span(&total, 1));
    EXPECT_EQ(total, 36.0f * static_cast<float>(round + 1));
  }
}

TEST(OrderedSum, StretchesMayBeAnyThatFollowEachOther) {
  const auto& world = test_world();
  const std::int64_t count = 37;
  OrderedSum<double> sum(count, 3);
  const std::int64_t begin = world.is_root() ? 0 : std::min<std::int64_t>(count, 29 + world.rank());
  const std::int64_t end = world.rank() + 1 == world.size() ? count : 30 + world.rank();
  for (auto i = begin; i < end; ++i) sum.add(i, term(i));
  EXPECT_EQ(total(sum, world, 3), alone(count));
}

TEST(OrderedSum, IsAsGoodAsPairwiseSummation) {
  const std::int64_t count = 1 << 15;
  OrderedSum<double> sum(count, 1);
  for (std::int64_t i = 0; i < count; ++i) {
    const double tenth = 0.1;
    sum.add(i, std::span(&tenth, 1));
  }
  EXPECT_NEAR(total(sum, Comm::self(), 1)[0], 0.1 * static_cast<double>(count), 1e-12);
}
