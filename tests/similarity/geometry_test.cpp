#include "similarity/geometry.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "golden.hpp"

using namespace golden;
using namespace hypercast::similarity;

namespace {

// The same from the definitions: each rank counted among all.
std::vector<double> counted_ranks(const Features& x) {
  const auto rows = centred(transposed(x));  // [width][n]
  std::vector<double> distances, ranks;
  for (std::size_t i = 0; i < x.n; ++i)
    for (std::size_t j = i + 1; j < x.n; ++j) {
      double ij = 0, ii = 0, jj = 0;
      for (std::size_t k = 0; k < x.width; ++k) {
        ij += rows(k, i) * rows(k, j);
        ii += rows(k, i) * rows(k, i);
        jj += rows(k, j) * rows(k, j);
      }
      distances.push_back(1 - (ii * jj > 0 ? ij / std::sqrt(ii * jj) : 0));
    }
  double mean = 0, square = 0;
  for (const double d : distances) {
    double below = 0, equal = 0;
    for (const double other : distances) {
      equal += std::abs(other - d) < 1e-11;
      below += other < d - 1e-11;
    }
    ranks.push_back(below + (equal + 1) / 2);
  }
  for (const double r : ranks) mean += r / static_cast<double>(ranks.size());
  for (double& r : ranks) square += (r - mean) * (r - mean);
  for (double& r : ranks) r = (r - mean) / std::sqrt(square);
  return ranks;
}

void expect_ranks(const Features& x) {
  const auto found = distance_ranks(x.values, static_cast<std::int64_t>(x.n), x.width);
  const auto expected = counted_ranks(x);
  ASSERT_EQ(found.size(), expected.size());
  double mean = 0, square = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_NEAR(found[i], expected[i], 1e-12) << i;
    mean += found[i];
    square += found[i] * found[i];
  }
  EXPECT_NEAR(mean, 0, 1e-12);
  EXPECT_NEAR(square, 1, 1e-12);
}

}  // namespace

TEST(Geometry, RanksAreThoseOfTheirDefinition) { expect_ranks(translated(normals(30, 5, 71), 2)); }

TEST(Geometry, TiesHaveTheMeanOfTheirRanks) {
  auto x = normals(16, 4, 72);
  for (std::size_t j = 0; j < 4; ++j) {
    x(9, j) = x(2, j);             // a copy
    x(12, j) = 3 * x(2, j) + 0.1;  // the same to a correlation
    x(5, j) = 0.1;                 // no variance: correlation 0 with all
  }
  expect_ranks(x);
}

TEST(Geometry, CrossesBlocksOfRows) {
  const auto x = normals(300, 6, 73);
  const auto found = distance_ranks(x.values, 300, 6);
  // The nearest pair of rows has the lowest rank.
  const auto rows = centred(transposed(x));
  double largest = -1;
  std::size_t place = 0, at = 0;
  for (std::size_t i = 0; i < 300; ++i)
    for (std::size_t j = i + 1; j < 300; ++j, ++at) {
      double ij = 0, ii = 0, jj = 0;
      for (std::size_t k = 0; k < 6; ++k) {
        ij += rows(k, i) * rows(k, j);
        ii += rows(k, i) * rows(k, i);
        jj += rows(k, j) * rows(k, j);
      }
      if (ij / std::sqrt(ii * jj) > largest) {
        largest = ij / std::sqrt(ii * jj);
        place = at;
      }
    }
  EXPECT_EQ(std::min_element(found.begin(), found.end()) - found.begin(), static_cast<std::ptrdiff_t>(place));
}

TEST(Geometry, IsNotDefinedWhereAllDistancesAreEqual) {
  const auto undefined_ranks = [](const Features& x) {
    const auto found = distance_ranks(x.values, static_cast<std::int64_t>(x.n), x.width);
    return std::all_of(found.begin(), found.end(), [](double r) { return std::isnan(r); });
  };
  EXPECT_TRUE(undefined_ranks(translated(Features{10, 3}, 1)));
  EXPECT_TRUE(undefined_ranks(normals(10, 1, 74))) << "one column has no variance within a row";
  EXPECT_TRUE(undefined_ranks(normals(2, 5, 75))) << "one distance";
  EXPECT_TRUE(distance_ranks(normals(1, 5, 75).values, 1, 5).empty());
  EXPECT_FALSE(undefined_ranks(normals(3, 5, 76)));
}
