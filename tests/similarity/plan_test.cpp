// How rows are cut: groups, blocks, permutations. The same for all ranks, by construction.

#include "similarity/plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "similarity/families.hpp"

using namespace hypercast;
using namespace hypercast::similarity;

namespace {

// Whether they follow each other from 0 to n, none empty.
void expect_tiles(const std::vector<Range>& ranges, std::int64_t n) {
  std::int64_t at = 0;
  for (const auto& range : ranges) {
    EXPECT_EQ(range.begin, at);
    EXPECT_GT(range.size(), 0);
    at = range.end;
  }
  EXPECT_EQ(at, n);
}

}  // namespace

TEST(Groups, TileRowsAndAreAboutEqual) {
  for (const std::int64_t n : {4, 20, 21, 39, 1000})
    for (const int parts : {2, 3, 20, 50}) {
      const auto groups = groups_of(n, parts);
      expect_tiles(groups, n);
      EXPECT_EQ(groups.size(), static_cast<std::size_t>(std::min<std::int64_t>(n, parts)));
      for (const auto& group : groups)
        EXPECT_LE(std::abs(group.size() - n / static_cast<std::int64_t>(groups.size())), 1);
    }
  EXPECT_TRUE(groups_of(20, 0).empty());
}

TEST(Groups, KeepRowsOfAnInputTogether) {
  const auto groups = groups_of(21, 4, 3);  // 7 inputs
  expect_tiles(groups, 21);
  ASSERT_EQ(groups.size(), 4u);
  for (const auto& group : groups) {
    EXPECT_EQ(group.begin % 3, 0);
    EXPECT_TRUE(group.size() == 3 || group.size() == 6);
  }
  EXPECT_EQ(groups_of(21, 20, 3).size(), 7u) << "no more groups than inputs";
}

TEST(Groups, KnowTheirRows) {
  const auto groups = groups_of(23, 4);
  for (std::int64_t row = 0; row < 23; ++row) {
    const auto& group = groups[static_cast<std::size_t>(group_of(groups, row))];
    EXPECT_TRUE(row >= group.begin && row < group.end) << row;
  }
  EXPECT_EQ(group_of({}, 5), -1);
}

TEST(Blocks, TileRowsAndDoNotReachAcrossGroups) {
  for (const std::int64_t n : {5, 33, 100, 700, 5000})
    for (const int parts : {0, 3, 20})
      for (const std::int64_t most : {1, 7, 512, 100000}) {
        const auto groups = groups_of(n, parts);
        const auto blocks = blocks_within(n, groups, most);
        expect_tiles(blocks, n);
        for (const auto& block : blocks) {
          EXPECT_LE(block.size(), most);
          EXPECT_EQ(group_of(groups, block.begin), group_of(groups, block.end - 1));
        }
      }
}

TEST(Blocks, AreAboutSixteen) {
  EXPECT_EQ(blocks_within(1600, {}, 512).size(), 16u);
  EXPECT_EQ(blocks_within(100, {}, 512).size(), 4u) << "of 32 rows at most where rows are few";
  EXPECT_EQ(blocks_within(16 * 512 * 2, {}, 512).size(), 32u);
  EXPECT_EQ(blocks_within(1600, groups_of(1600, 5), 512).size(), 20u) << "4 in each group of 320";
  EXPECT_EQ(blocks_within(30, {}, 512).size(), 1u);
}

TEST(Blocks, TakeASixteenthOfTheMemory) {
  const auto rows = [](double memory, double bytes, std::int64_t most) {
    return rows_of_block({.memory = memory}, bytes, most);
  };
  EXPECT_EQ(rows(1.6e6, 1000, 512), 100);
  EXPECT_EQ(rows(1.6e9, 1000, 512), 512) << "no more than wanted";
  EXPECT_EQ(rows(10, 1000, 512), 1) << "no less than one";
  EXPECT_EQ(rows(1.6e9, 0, 512), 512) << "rows without columns";
  EXPECT_EQ(rows(1e15, 8e6, 1 << 30), 1000) << "one message of MPI";
}

TEST(Permutation, IsOneOfAllRows) {
  for (const std::int64_t n : {1, 2, 7, 1000}) {
    auto order = permutation(n, 3, 0);
    std::sort(order.begin(), order.end());
    EXPECT_EQ(order, all_rows(n));
  }
}

TEST(Permutation, DependsOnSeedAndNumber) {
  EXPECT_EQ(permutation(100, 3, 5), permutation(100, 3, 5));
  EXPECT_NE(permutation(100, 3, 5), permutation(100, 3, 6));
  EXPECT_NE(permutation(100, 3, 5), permutation(100, 4, 5));
  EXPECT_NE(permutation(100, 3, shuffle_number), permutation(100, 3, drawing_number));
}

TEST(Permutation, KeepsRowsOfAnInputInOrder) {
  const auto order = permutation(60, 3, 1, 4), inputs = permutation(15, 3, 1);
  ASSERT_EQ(order.size(), 60u);
  for (std::size_t i = 0; i < 60; ++i)
    EXPECT_EQ(order[i], inputs[i / 4] * 4 + static_cast<std::int64_t>(i % 4));
}

// All orders of 4 rows are about equally frequent: 24 orders, 4800 draws, 200 of each with a deviation of 14.
TEST(Permutation, IsFair) {
  std::map<std::vector<std::int64_t>, int> count;
  for (std::uint32_t i = 0; i < 4800; ++i) ++count[permutation(4, 7, i)];
  EXPECT_EQ(count.size(), 24u);
  for (const auto& [order, times] : count) EXPECT_NEAR(times, 200, 70);
}
