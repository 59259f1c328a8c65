// Who owns which models, rows made of rows, and how all ranks see them.

#include "similarity/rows.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "golden.hpp"
#include "test_world.hpp"
#include "zoo.hpp"

using namespace hypercast;
using namespace hypercast::similarity;

namespace {

const std::vector<std::size_t> widths{3, 1, 8, 0, 5, 0};

std::vector<double> rows_in(const Rows& rows, std::size_t model, const std::vector<std::int64_t>& which) {
  std::vector<double> values(which.size() * rows.widths()[model]);
  rows.read(model, which, values);
  return values;
}

template <class Real>
std::vector<Real> entries(std::size_t model, const std::vector<std::int64_t>& which) {
  std::vector<Real> values;
  for (const auto row : which)
    for (std::size_t c = 0; c < widths[model]; ++c)
      values.push_back(static_cast<Real>(Zoo::entry(model, row, c)));
  return values;
}

// Every third row, backwards; some twice.
std::vector<std::int64_t> mixed(std::int64_t n) {
  std::vector<std::int64_t> order;
  for (std::int64_t row = n - 1; row >= 0; row -= 3) order.push_back(row);
  order.insert(order.end(), {0, 0, n - 1});
  return order;
}

void each_own(const Rows& rows, const std::function<void(std::size_t)>& see) {
  for (auto j = rows.ownership().mine().begin; j < rows.ownership().mine().end; ++j)
    see(static_cast<std::size_t>(j));
}

}  // namespace

TEST(Ownership, TilesModelsByTheirColumns) {
  const Comm& comm = test_world();
  for (const auto& some : std::vector<std::vector<std::size_t>>{
           widths, {5}, {0, 0, 0}, {100, 1, 1, 1}, {1, 1, 1, 100}, {2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2}}) {
    const Ownership ownership(some, comm);
    ASSERT_EQ(ownership.ranks(), comm.size());
    std::int64_t at = 0;
    for (int rank = 0; rank < comm.size(); ++rank) {
      EXPECT_EQ(ownership.of(rank).begin, at);
      EXPECT_GE(ownership.of(rank).size(), 0);
      at = ownership.of(rank).end;
    }
    EXPECT_EQ(at, static_cast<std::int64_t>(some.size()));
    EXPECT_EQ(ownership.mine().begin, ownership.of(comm.rank()).begin);
    for (std::size_t j = 0; j < some.size(); ++j) {
      const auto own = ownership.of(ownership.owner(j)), twice = ownership.twice().of(ownership.owner(j));
      EXPECT_TRUE(own.begin <= static_cast<std::int64_t>(j) && static_cast<std::int64_t>(j) < own.end);
      EXPECT_EQ(ownership.has(j), ownership.owner(j) == comm.rank());
      EXPECT_EQ(twice.begin, 2 * own.begin);
      EXPECT_EQ(twice.end, 2 * own.end);
    }
  }
  EXPECT_LE(Ownership(std::vector<std::size_t>(12, 2), comm).mine().size(), 12 / comm.size() + 1);
  // A model goes where its middle lies: a large one does not join what comes before it.
  const Ownership uneven(std::vector<std::size_t>{1, 100}, comm);
  EXPECT_EQ(uneven.owner(0), 0);
  EXPECT_EQ(uneven.owner(1), comm.size() / 2);
}

TEST(Rows, OfRowsAreThoseThatWereChosen) {
  const Zoo zoo(test_world(), 30, widths);
  const Selected some(zoo.rows, mixed(30)), again(some, {2, 0});
  EXPECT_EQ(some.count(), 13);
  each_own(zoo.rows, [&](std::size_t j) {
    EXPECT_EQ(rows_in(some, j, all_rows(13)), entries<double>(j, mixed(30)));
    EXPECT_EQ(rows_in(again, j, {1, 1, 0}), entries<double>(j, {29, 29, 23}));
  });
}

TEST(Rows, OfTwoListsComeInTurn) {
  const Zoo zoo(test_world(), 30, widths);
  const Selected other(zoo.rows, mixed(30)), left(zoo.rows, all_rows(13));
  const Both both(left, other);
  EXPECT_EQ(both.count(), 13);
  ASSERT_EQ(both.models(), 12u);
  for (std::size_t j = 0; j < 6; ++j) {
    EXPECT_EQ(both.widths()[2 * j], widths[j]);
    EXPECT_EQ(both.widths()[2 * j + 1], widths[j]);
    EXPECT_EQ(both.ownership().has(2 * j), zoo.rows.ownership().has(j));
    EXPECT_EQ(both.ownership().has(2 * j + 1), zoo.rows.ownership().has(j));
  }
  each_own(zoo.rows, [&](std::size_t j) {
    EXPECT_EQ(rows_in(both, 2 * j, {3, 12}), entries<double>(j, {3, 12}));
    EXPECT_EQ(rows_in(both, 2 * j + 1, {3, 12}), entries<double>(j, {20, 29}));
  });
}

// To the last bit or two where means are far from zero; of one value exactly that, whatever its sum.
TEST(Rows, HaveMeansToRounding) {
  const Room room(MPI_COMM_SELF);
  auto x = golden::normals(1100, 4, 5);
  for (std::size_t i = 0; i < x.n; ++i) {
    x(i, 1) += 1e6;
    x(i, 2) = 0.1;
    x(i, 3) = 1e308;
  }
  const auto rows = rows_of<golden::Features>(room.comm, 1100, {x});
  const auto means = column_means(rows, 0);
  for (const std::size_t c : {0, 1}) {
    long double sum = 0;
    for (std::size_t i = 0; i < x.n; ++i) sum += x(i, c);
    EXPECT_NEAR(means[c], static_cast<double>(sum / 1100), c == 0 ? 1e-16 : 1.2e-10) << c;
  }
  EXPECT_EQ(means[2], 0.1);
  EXPECT_EQ(means[3], 1e308);
  const Centred centred(rows);
  const auto values = rows_in(centred, 0, {7, 1099});
  for (std::size_t c = 0; c < 4; ++c) EXPECT_EQ(values[4 + c], x(1099, c) - means[c]);
}

template <class Real>
class Streams : public testing::Test {};
using Reals = testing::Types<float, double>;
TYPED_TEST_SUITE(Streams, Reals);

TYPED_TEST(Streams, ShowAllRowsToEveryRankInTurn) {
  const Zoo zoo(test_world(), 30, widths);
  const auto order = mixed(30);
  const std::vector<Range> blocks{{0, 5}, {9, 13}, {5, 6}, {0, 5}};  // in any order
  std::size_t seen = 0;
  stream<TypeParam>(zoo.room.context, zoo.rows, order, blocks, [&](const RowBlock<TypeParam>& block) {
    const auto& range = blocks[seen];
    EXPECT_EQ(block.number, seen++);
    EXPECT_EQ(block.begin, range.begin);
    EXPECT_EQ(block.count, range.size());
    ASSERT_EQ(block.panels.size(), widths.size());
    const std::vector<std::int64_t> rows(order.begin() + range.begin, order.begin() + range.end);
    for (std::size_t j = 0; j < widths.size(); ++j)
      EXPECT_EQ(std::vector<TypeParam>(block.panels[j].begin(), block.panels[j].end()),
                entries<TypeParam>(j, rows))
          << "model " << j;
  });
  EXPECT_EQ(seen, blocks.size());
}

namespace {

// What only a sum in one order has the same bits of: large and small terms. [numbers of blocks seen, ...].
template <class Real>
std::vector<double> hard_sum(MPI_Comm comm, std::int64_t n, std::int64_t block) {
  const Zoo zoo(comm, n, widths);
  const auto order = mixed(n);
  const auto blocks = blocks_of(static_cast<std::int64_t>(order.size()), block);
  std::vector<std::int64_t> mine;
  auto sum = sum_over_blocks<Real>(
      zoo.room.context, zoo.rows, order, blocks, 4, [&](const RowBlock<Real>& some, std::span<double> out) {
        mine.push_back(static_cast<std::int64_t>(some.number));
        const auto& range = blocks[some.number];
        EXPECT_EQ(some.begin, range.begin);
        EXPECT_EQ(some.count, range.size());
        const std::vector<std::int64_t> rows(order.begin() + range.begin, order.begin() + range.end);
        for (std::size_t j = 0; j < widths.size(); ++j)
          EXPECT_EQ(std::vector<Real>(some.panels[j].begin(), some.panels[j].end()), entries<Real>(j, rows));
        for (const double v : out) EXPECT_EQ(v, 0);
        for (const auto v : some.panels[2]) {
          out[0] += v;
          out[1] += std::exp(20 * static_cast<double>(v));
          out[2] += 1 / static_cast<double>(v);
        }
        out[3] += static_cast<double>(some.count);
      });
  // Every block once, by one rank.
  auto all = zoo.room.comm.all_gather<std::int64_t>(mine);
  std::sort(all.begin(), all.end());
  EXPECT_EQ(all, all_rows(static_cast<std::int64_t>(blocks.size())));
  EXPECT_EQ(sum[3], static_cast<double>(order.size()));
  return sum;
}

}  // namespace

TYPED_TEST(Streams, AddUpToTheSameBitsOnAnyNumberOfRanks) {
  for (const std::int64_t n : {2, 30, 100})
    for (const std::int64_t block : {1, 4, 50})
      EXPECT_EQ(hard_sum<TypeParam>(test_world(), n, block), hard_sum<TypeParam>(MPI_COMM_SELF, n, block))
          << n << " rows in blocks of " << block;
}

TEST(OwnModels, AreAllVisitedOnce) {
  const Zoo zoo(test_world(), 5, widths);
  std::vector<std::int64_t> visited;
  each_own_model(zoo.room.context, zoo.rows, [&](std::size_t j) {
    EXPECT_TRUE(zoo.rows.ownership().has(j));
    visited.push_back(static_cast<std::int64_t>(j));
  });
  EXPECT_EQ(test_world().all_gather<std::int64_t>(visited), all_rows(6)) << "in order of ranks";
}

TEST(Rows, OfAnotherRanksModelAreRefused) {
  const Zoo zoo(test_world(), 5, widths);
  for (std::size_t j = 0; j < widths.size(); ++j) {
    if (zoo.rows.ownership().has(j)) continue;
    EXPECT_THROW(rows_in(zoo.rows, j, {0}), Error);
  }
}
