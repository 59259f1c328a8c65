// What is told of every model, against plain formulas; and which warnings follow.

#include "similarity/diagnostics.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "golden.hpp"
#include "room.hpp"
#include "rows_of.hpp"
#include "test_world.hpp"

using namespace hypercast;
using namespace hypercast::similarity;
using Made = golden::Features;

namespace {

std::vector<Diagnosis> diagnosed(MPI_Comm comm, const std::vector<Made>& models,
                                 const Resources& resources = {}) {
  const Room room(comm);
  const auto rows = rows_of(room.comm, static_cast<std::int64_t>(models[0].n), models);
  return diagnose(room.context, rows, resources);
}

double sum_of_squares(const Made& x) {
  double sum = 0;
  for (const double v : x.values) sum += v * v;
  return sum;
}

double square_of_row(const Made& x, std::size_t i) {
  double sum = 0;
  for (std::size_t c = 0; c < x.width; ++c) sum += x(i, c) * x(i, c);
  return sum;
}

// Without eigenvalues, of which sum l is the trace and sum l^2 the squared norm of a matrix; and without
// hashes.
Diagnosis by_definition(const Made& x, double rank) {
  const auto n = static_cast<double>(x.n);
  const auto centred = golden::centred(x);
  Diagnosis d{.width = static_cast<double>(x.width), .norm = std::sqrt(sum_of_squares(x) / n), .rank = rank};
  const double all = sum_of_squares(centred);
  d.deviation = std::sqrt(all / n);
  const auto gram = golden::of_pairs(
      centred, [&](const double* a, const double* b) { return std::inner_product(a, a + x.width, b, 0.0); });
  d.participation = all > 0 ? all * all / std::inner_product(gram.begin(), gram.end(), gram.begin(), 0.0) : 0;
  for (std::size_t i = 0; i < x.n && all > 0; ++i)
    d.largest_row_share = std::max(d.largest_row_share, square_of_row(centred, i) / all);
  for (std::size_t c = 0; c < x.width; ++c) {
    bool same = true;
    for (std::size_t i = 0; i < x.n; ++i) same = same && x(i, c) == x(0, c);
    d.constant_columns += same;
  }
  for (std::size_t i = 0; i < x.n; ++i)
    for (std::size_t k = 0; k < i; ++k) {
      bool same = true;
      for (std::size_t c = 0; c < x.width; ++c) same = same && x(i, c) == x(k, c);
      if (!same) continue;
      ++d.duplicate_rows;
      break;
    }
  return d;
}

void expect_right(const Diagnosis& found, const Made& x, double rank) {
  const auto wanted = by_definition(x, rank);
  EXPECT_EQ(found.width, wanted.width);
  EXPECT_NEAR(found.norm, wanted.norm, 1e-13 * wanted.norm);
  EXPECT_NEAR(found.deviation, wanted.deviation, 1e-13 * wanted.deviation);
  EXPECT_EQ(found.rank, wanted.rank);
  EXPECT_NEAR(found.participation, wanted.participation, 1e-10 * wanted.participation);
  EXPECT_NEAR(found.largest_row_share, wanted.largest_row_share, 1e-13);
  EXPECT_EQ(found.constant_columns, wanted.constant_columns);
  EXPECT_EQ(found.duplicate_rows, wanted.duplicate_rows);
}

// A row that is far away, two columns that are constant, and copies of rows, some with another sign of zero.
Made trapped() {
  auto x = golden::translated(golden::normals(40, 6, 1), 2);
  for (std::size_t i = 0; i < x.n; ++i) {
    x(i, 1) = 0.1;
    x(i, 4) = -7;
  }
  for (std::size_t c = 0; c < x.width; ++c) {
    x(30, c) = x(17, c) = x(3, c);
    x(9, c) *= c == 1 || c == 4 ? 1 : 20;
    x(25, c) = x(12, c);
  }
  x(12, 0) = 0.0;
  x(25, 0) = -0.0;
  return x;
}

}  // namespace

TEST(Diagnose, TellsOfEveryModel) {
  const auto low_rank =
      golden::translated(golden::times(golden::normals(40, 3, 2), golden::normals(3, 8, 3)), 1);
  const auto wide = golden::normals(40, 90, 4);
  const Made constant = golden::translated(Made{40, 3}, 0.1);
  const std::vector<Made> models{trapped(), low_rank, wide, constant, Made{40, 2}, golden::normals(40, 1, 5)};
  const auto found = diagnosed(test_world(), models);
  ASSERT_EQ(found.size(), models.size());
  const std::vector<double> ranks{4, 3, 39, 0, 0, 1};
  for (std::size_t j = 0; j < models.size(); ++j) {
    SCOPED_TRACE(j);
    expect_right(found[j], models[j], ranks[j]);
  }
  EXPECT_EQ(found[0].constant_columns, 2);
  EXPECT_EQ(found[0].duplicate_rows, 3) << "-0 is 0";
  EXPECT_GT(found[0].largest_row_share, 0.5);
  EXPECT_EQ(found[3].duplicate_rows, 39);
  EXPECT_EQ(found[3].deviation, 0);
}

// Of singular values 1, 3e-6 and 3e-7, squares below 1e-12 do not count.
TEST(Diagnose, CountsEigenvaluesAboveAShareOfTheLargest) {
  const auto u = golden::orthonormal(golden::centred(golden::normals(40, 3, 12)));
  const auto x = golden::times(golden::with_columns_scaled(u, {1, 3e-6, 3e-7}), golden::rotation(3, 13));
  EXPECT_EQ(diagnosed(test_world(), {x})[0].rank, 2);
}

// Rows are looked at some at a time: a product of tall, and of wide features.
TEST(Diagnose, CrossesBlocksOfRows) {
  auto tall = golden::translated(golden::normals(520, 5, 6), 1);
  for (std::size_t c = 0; c < 5; ++c) tall(516, c) = tall(2, c);
  const auto wide = golden::times(golden::normals(520, 10, 7), golden::normals(10, 521, 8));
  const auto found = diagnosed(test_world(), {tall, wide});
  expect_right(found[0], tall, 5);
  expect_right(found[1], wide, 10);
}

TEST(Diagnose, LeavesOutWhatMemoryDoesNotAllow) {
  const std::vector<Made> models{golden::normals(60, 30, 9), golden::normals(60, 5, 10)};
  // Three matrices of 30 x 30 numbers are 21600 bytes.
  const auto found = diagnosed(test_world(), models, {.memory = 21600});
  EXPECT_TRUE(std::isnan(found[0].rank));
  EXPECT_TRUE(std::isnan(found[0].participation));
  EXPECT_EQ(found[0].norm, diagnosed(test_world(), models)[0].norm);
  expect_right(found[1], models[1], 5);
  expect_right(diagnosed(test_world(), models, {.memory = 21601})[0], models[0], 30);
}

TEST(Diagnose, TellsTheSameOnAnyNumberOfRanks) {
  const std::vector<Made> models{trapped(), golden::normals(40, 90, 4), golden::normals(40, 3, 11)};
  const auto together = diagnosed(test_world(), models), alone = diagnosed(MPI_COMM_SELF, models);
  for (std::size_t j = 0; j < models.size(); ++j) {
    EXPECT_EQ(together[j].norm, alone[j].norm);
    EXPECT_EQ(together[j].deviation, alone[j].deviation);
    EXPECT_EQ(together[j].participation, alone[j].participation);
    EXPECT_EQ(together[j].largest_row_share, alone[j].largest_row_share);
  }
}

namespace {

// Nothing to say of 100 rows.
const Diagnosis plain{.width = 20,
                      .norm = 2,
                      .deviation = 1,
                      .rank = 20,
                      .participation = 7,
                      .largest_row_share = 0.05,
                      .largest = 5};

std::vector<std::string> told(const std::vector<Diagnosis>& models, bool biased = true,
                              const Labels& labels = {}, std::int64_t n = 100, std::int64_t each = 1) {
  return warnings(models, {"first", "second", "third"}, n, labels, each, biased);
}

void expect_one(const std::vector<std::string>& lines, const std::vector<std::string>& words) {
  ASSERT_EQ(lines.size(), 1u);
  for (const auto& word : words)
    EXPECT_NE(lines[0].find(word), std::string::npos) << "'" << lines[0] << "' lacks " << word;
}

Diagnosis with(double Diagnosis::*member, double value) {
  auto model = plain;
  model.*member = value;
  return model;
}

}  // namespace

TEST(Warnings, AreNotGivenWithoutReason) { EXPECT_TRUE(told({plain, plain, plain}).empty()); }

TEST(Warnings, OfMoreColumnsThanMeasuresWithABiasBear) {
  const auto wide = with(&Diagnosis::width, 21);
  expect_one(told({plain, wide, wide}), {"2 of 3 models", "21 columns", "100 rows", "the first: second"});
  EXPECT_TRUE(told({plain, wide, wide}, false).empty()) << "no measure has a bias";
  EXPECT_TRUE(told({wide}, true, {}, 105).empty());
}

TEST(Warnings, OfARowThatIsTooLarge) {
  const auto far = with(&Diagnosis::largest_row_share, 0.21);
  expect_one(told({plain, plain, far}, false), {"1 of 3 models", "21 %", "the first: third"});
  EXPECT_TRUE(told({with(&Diagnosis::largest_row_share, 0.2)}).empty()) << "of 100 rows, 20 times its part";
  expect_one(told({with(&Diagnosis::largest_row_share, 0.11)}, false, {}, 10000), {"11 %"});
  EXPECT_TRUE(told({with(&Diagnosis::largest_row_share, 0.1)}, false, {}, 10000).empty());
}

TEST(Warnings, OfRowsThatAreRepeated) {
  expect_one(told({with(&Diagnosis::duplicate_rows, 2), plain}),
             {"1 of 2 models", "repeat rows (2", "first"});
  EXPECT_TRUE(told({with(&Diagnosis::duplicate_rows, 1)}).empty()) << "a hundredth of all";
}

TEST(Warnings, OfRowsThatAreAllTheSame) {
  auto same = with(&Diagnosis::duplicate_rows, 99);
  same.largest = 0;
  expect_one(told({plain, same}), {"1 of 2 models", "same in all rows", "the first: second"});
}

TEST(Warnings, OfNumbersWhoseFourthPowersADoubleCannotHold) {
  for (const double largest : {1e-71, 1e71})
    expect_one(told({with(&Diagnosis::largest, largest)}), {"1 of 1 models", "e", "scale them"});
  for (const double largest : {1e-69, 1e69}) EXPECT_TRUE(told({with(&Diagnosis::largest, largest)}).empty());
}

TEST(Warnings, OfRowsThatAreSortedByClass) {
  const auto labels = [](int classes, int run) {  // runs of rows of one class
    Labels made{classes, {{}}};
    for (int i = 0; i < 100; ++i) made.of[0].push_back(i / run % classes);
    return made;
  };
  expect_one(told({plain}, true, labels(4, 25)), {"sorted by class"});
  expect_one(told({plain}, true, labels(2, 11)), {"sorted by class"});  // 9 changes, below 10
  EXPECT_TRUE(told({plain}, true, labels(2, 9)).empty());               // 11
  EXPECT_TRUE(told({plain}, true, labels(4, 1)).empty());
  EXPECT_TRUE(told({plain}, true, labels(4, 10), 100, 10).empty()) << "rows of one input are of one class";
  EXPECT_TRUE(told({plain}, true, labels(1, 1)).empty()) << "one class";
  EXPECT_TRUE(told({plain}, true, {}).empty()) << "no labels";
}
