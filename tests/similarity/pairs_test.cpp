// Products of all pairs of models, each on one rank, and results of pairs that ranks bring together.

#include "similarity/pairs.hpp"

#include <gtest/gtest.h>

#include <map>

#include "test_world.hpp"
#include "zoo.hpp"

using namespace hypercast;
using namespace hypercast::similarity;

namespace {

constexpr std::int64_t n = 40;

std::vector<std::int64_t> shuffled() {
  std::vector<std::int64_t> order;
  for (std::int64_t i = 0; i < n; ++i) order.push_back(i * 7 % n);
  return order;
}

// X' Y of a pair over some rows, row order[i] of y beside row i of x.
std::vector<double> plain_product(const Rows& y, const Pair& pair, const Range& group,
                                  const std::vector<std::int64_t>& order) {
  const std::size_t of_y = y.widths()[pair.y];
  std::vector<double> product(static_cast<std::size_t>(pair.columns.size()) * of_y);
  for (auto i = group.begin; i < group.end; ++i)
    for (auto a = pair.columns.begin; a < pair.columns.end; ++a)
      for (std::size_t b = 0; b < of_y; ++b)
        product[static_cast<std::size_t>(a - pair.columns.begin) * of_y + b] +=
            Zoo::entry(pair.x, i, static_cast<std::size_t>(a)) * Zoo::entry(pair.y, order[i], b);
  return product;
}

struct Setting {
  std::vector<std::size_t> widths;
  bool permuted = false;
  int groups = 0;
  double most = 1e9;  // numbers of a matrix
  Resources resources{};
  double tolerance = 1e-12;
};

// Every pair is seen once, by one rank, with the right matrices.
void expect_products(const Setting& setting) {
  const Zoo zoo(test_world(), n, setting.widths);
  const auto order = setting.permuted ? shuffled() : all_rows(n);
  const Selected other(zoo.rows, order);
  const Rows& y = setting.permuted ? static_cast<const Rows&>(other) : zoo.rows;
  const auto pairs = cut(pairs_of(zoo.rows, setting.permuted), y, setting.most);
  const auto groups = groups_of(n, setting.groups);
  std::vector<std::int64_t> mine;
  products_of_pairs(zoo.room.context, zoo.rows, y, pairs, groups, setting.resources,
                    [&](std::size_t number, std::span<const double> matrices) {
                      mine.push_back(static_cast<std::int64_t>(number));
                      std::size_t at = 0;
                      for (const auto& group : groups.empty() ? std::vector<Range>{{0, n}} : groups)
                        for (const double v : plain_product(y, pairs[number], group, order)) {
                          ASSERT_LT(at, matrices.size());
                          EXPECT_NEAR(matrices[at++], v, setting.tolerance * (1 + std::abs(v)))
                              << "pair " << number;
                        }
                      EXPECT_EQ(at, matrices.size());
                    });
  auto all = test_world().all_gather<std::int64_t>(mine);
  std::sort(all.begin(), all.end());
  EXPECT_EQ(all, all_rows(static_cast<std::int64_t>(pairs.size())));
}

// Models of width 0 in between, at the end, everywhere; few models for the ranks.
const std::vector<std::vector<std::size_t>> all_widths{
    {3, 1, 8, 5}, {3, 0, 8, 0, 0, 0}, {0, 0, 4}, {0, 0, 0}, {6}};

}  // namespace

TEST(Pairs, AreAllOrThoseInOrder) {
  const Zoo zoo(test_world(), 4, {3, 0, 2});
  const auto all = pairs_of(zoo.rows, true), some = pairs_of(zoo.rows, false);
  ASSERT_EQ(all.size(), 9u);
  ASSERT_EQ(some.size(), 6u);
  for (std::size_t i = 0; i < 9; ++i) {
    EXPECT_EQ(all[i].x, i / 3);
    EXPECT_EQ(all[i].y, i % 3);
    EXPECT_EQ(all[i].columns.size(), static_cast<std::int64_t>(zoo.rows.widths()[i / 3]));
  }
  for (const auto& pair : some) EXPECT_LE(pair.x, pair.y);
}

TEST(Pairs, AreCutIntoStretchesOfColumns) {
  for (const auto& widths : all_widths)
    for (const double most : {1.0, 7.0, 16.0, 1e9}) {
      const Zoo zoo(test_world(), 4, widths);
      const auto pairs = pairs_of(zoo.rows, true);
      auto whole = pairs.begin();
      std::int64_t at = 0;
      for (const auto& part : cut(pairs, zoo.rows, most)) {
        ASSERT_NE(whole, pairs.end());
        EXPECT_EQ(part.x, whole->x);
        EXPECT_EQ(part.y, whole->y);
        EXPECT_EQ(part.columns.begin, at);
        const auto numbers = static_cast<double>(part.columns.size()) * static_cast<double>(widths[part.y]);
        EXPECT_TRUE(numbers <= most || part.columns.size() == 1) << numbers;
        at = part.columns.end;
        if (at < whole->columns.end) continue;
        ++whole;
        at = 0;
      }
      EXPECT_EQ(whole, pairs.end());
    }
}

TEST(ProductsOfPairs, AreThoseOfTheirRows) {
  for (const auto& widths : all_widths)
    for (const bool permuted : {false, true})
      for (const int groups : {0, 3})
        expect_products({.widths = widths, .permuted = permuted, .groups = groups});
}

// Not all matrices fit, and rows pass by several times.
TEST(ProductsOfPairs, TakeMoreRoundsWithLittleMemory) {
  for (const auto& widths : all_widths)
    for (const int groups : {0, 3})
      expect_products({.widths = widths, .groups = groups, .most = 7, .resources = {.memory = 500}});
}

namespace {

// Rows that count how often they are read.
class Counted final : public Rows {
 public:
  explicit Counted(const Rows& base) : base_(base) {}
  std::int64_t count() const override { return base_.count(); }
  const std::vector<std::size_t>& widths() const override { return base_.widths(); }
  const Ownership& ownership() const override { return base_.ownership(); }
  void read(std::size_t model, std::span<const std::int64_t> rows, std::span<double> out) const override {
    ++reads;
    base_.read(model, rows, out);
  }
  mutable int reads = 0;

 private:
  const Rows& base_;
};

}  // namespace

TEST(ProductsOfPairs, KeepMatricesOfARoundWithinHalfTheMemory) {
  const Zoo zoo(MPI_COMM_SELF, n, {3, 1, 8, 5});
  const Counted rows(zoo.rows);
  const auto pairs = cut(pairs_of(rows, false), rows, 7);
  const double memory = 800;
  std::map<int, double> bytes;  // of a round
  products_of_pairs(zoo.room.context, rows, rows, pairs, groups_of(n, 2), {.memory = memory},
                    [&](std::size_t, std::span<const double> matrices) {
                      bytes[rows.reads] += static_cast<double>(matrices.size() * sizeof(double));
                    });
  EXPECT_GT(bytes.size(), 2u);
  EXPECT_LT(bytes.size(), pairs.size()) << "some pairs fit together";
  for (const auto& [reads, size] : bytes) EXPECT_LE(size, memory / 2);
}

TEST(ProductsOfPairs, InFloatAreNearlyRight) {
  for (const bool permuted : {false, true})
    expect_products({.widths = {3, 1, 8, 5},
                     .permuted = permuted,
                     .groups = 3,
                     .resources = {.single = true},
                     .tolerance = 1e-5});
}

TEST(PairResults, BringTogetherWhatRanksFound) {
  const Comm& comm = test_world();
  PairResults<double> numbers(7, 2);
  PairResults<Score> scores(7, 1);
  for (std::size_t i = 0; i < 7; ++i) {
    if (static_cast<int>(i * 3 % 7) % comm.size() != comm.rank()) continue;  // not in stretches
    numbers.of(i)[0] = static_cast<double>(i);
    numbers.of(i)[1] = -0.5;
    scores.of(i)[0] =
        i == 4 ? undefined(Status::zero_variance) : Score{0.1 * static_cast<double>(i), Status::clipped};
  }
  const auto all = numbers.gather(comm);
  const auto found = scores.gather(comm);
  for (std::size_t i = 0; i < 7; ++i) {
    EXPECT_EQ(all[2 * i], static_cast<double>(i));
    EXPECT_EQ(all[2 * i + 1], -0.5);
    EXPECT_EQ(found[i].status, i == 4 ? Status::zero_variance : Status::clipped);
    EXPECT_TRUE(i == 4 ? std::isnan(found[i].value) : found[i].value == 0.1 * static_cast<double>(i)) << i;
  }
  EXPECT_TRUE(PairResults<double>(0, 3).gather(comm).empty());
}

TEST(PairResults, RefusePairsThatNobodyOrMoreThanOneFilled) {
  const Comm& comm = test_world();
  PairResults<Score> gap(3, 1), all_filled(3, 1), shifted(3, 1);
  for (std::size_t i = 0; i < 3; ++i) {
    if (i != 1 && comm.is_root()) gap.of(i)[0] = {1, Status::ok};
    all_filled.of(i)[0] = {1, Status::ok};
  }
  EXPECT_THROW(gap.gather(comm), Error);
  if (comm.size() == 1) {
    EXPECT_NO_THROW(all_filled.gather(comm));
    return;
  }
  EXPECT_THROW(all_filled.gather(comm), Error);
  // As many as there are pairs, but not each: 0 twice, 1 by nobody.
  if (comm.rank() < 2) shifted.of(0)[0] = {1, Status::ok};
  if (comm.is_root()) shifted.of(2)[0] = {1, Status::ok};
  EXPECT_THROW(shifted.gather(comm), Error);
}
