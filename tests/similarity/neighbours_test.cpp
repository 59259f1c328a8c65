#include "similarity/neighbours.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "golden.hpp"

using namespace golden;
using namespace hypercast::similarity;

namespace {

// Sorts all rows, for each.
std::vector<std::int32_t> sorted_out(const Features& x, int k) {
  const auto cosines = of_pairs(x, [&](const double* a, const double* b) {
    const double square =
        std::inner_product(a, a + x.width, a, 0.0) * std::inner_product(b, b + x.width, b, 0.0);
    return square > 0 ? std::inner_product(a, a + x.width, b, 0.0) / std::sqrt(square) : 0;
  });
  std::vector<std::int32_t> found;
  for (std::size_t i = 0; i < x.n; ++i) {
    std::vector<std::int32_t> order;
    for (std::size_t j = 0; j < x.n; ++j)
      if (j != i) order.push_back(static_cast<std::int32_t>(j));
    std::stable_sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
      return cosines[i * x.n + a] > cosines[i * x.n + b];
    });
    std::sort(order.begin(), order.begin() + k);
    found.insert(found.end(), order.begin(), order.begin() + k);
  }
  return found;
}

std::vector<std::int32_t> nearest_of(const Features& x, int k) {
  return nearest(x.values, static_cast<std::int64_t>(x.n), x.width, k);
}

}  // namespace

TEST(Neighbours, AreThoseOfASort) {
  for (const std::size_t n : {12, 256, 300, 513})  // below, at and across blocks of rows
    for (const int k : {1, 7, 11}) {
      const auto x = translated(normals(n, 5, 64), 0.3);
      EXPECT_EQ(nearest_of(x, k), sorted_out(x, k)) << n << " rows, k = " << k;
    }
}

// Cosines of corners of a cube in 4 dimensions are exact, and most of them are equal.
TEST(Neighbours, OfEqualCosinesTheLowerNumberIsNearer) {
  auto x = normals(300, 4, 65);
  for (auto& v : x.values) v = v > 0 ? 1 : -1;
  EXPECT_EQ(nearest_of(x, 9), sorted_out(x, 9));
  // Rounding breaks no tie: scaled, turned, and padded to a width with other sums.
  EXPECT_EQ(nearest_of(times(x, scaled(rotation(4, 66), 0.1)), 9), sorted_out(x, 9));
  EXPECT_EQ(nearest_of(times(beside(x, Features{300, 9}), rotation(13, 67)), 9), sorted_out(x, 9));
}

TEST(Neighbours, OfRowsOfZerosAndOfCopies) {
  auto x = normals(40, 3, 68);
  for (std::size_t j = 0; j < 3; ++j) x(5, j) = x(17, j) = 0;
  for (std::size_t j = 0; j < 3; ++j) x(30, j) = 7 * x(3, j);
  EXPECT_EQ(nearest_of(x, 6), sorted_out(x, 6));
  const auto first = nearest_of(x, 1);
  EXPECT_EQ(first[30], 3);
  EXPECT_EQ(first[3], 30);
  EXPECT_EQ(first[5], 0) << "all are equally near to a row of zeros";
}

TEST(Neighbours, AreNotToldWhereAllAreEquallyNear) {
  for (const auto& x : {Features{20, 3}, translated(Features{20, 3}, 1)})
    EXPECT_EQ(nearest_of(x, 2), std::vector<std::int32_t>(40, -1));
  auto positive = normals(20, 1, 69);
  for (auto& v : positive.values) v = std::abs(v);
  EXPECT_EQ(nearest_of(positive, 2)[0], -1) << "one column of one sign";
  EXPECT_GE(nearest_of(normals(20, 1, 69), 2)[0], 0);
}

// Rows far from the origin all point nearly the same way; their neighbours are those of exact arithmetic.
TEST(Neighbours, OfRowsFarFromTheOrigin) {
  const std::size_t n = 60, width = 5;
  const int k = 4;
  const Features near = normals(n, width, 33);
  Features far = near;
  for (double& value : far.values) value += 1e6;
  const auto found = nearest(far.values, static_cast<std::int64_t>(n), width, k);
  std::size_t right = 0;
  for (std::size_t i = 0; i < n; ++i) {
    std::vector<std::pair<long double, std::int32_t>> angles;
    for (std::size_t j = 0; j < n; ++j) {
      long double xy = 0, xx = 0, yy = 0;
      for (std::size_t c = 0; c < width; ++c) {
        const long double x = far(i, c), y = far(j, c);
        xy += x * y;
        xx += x * x;
        yy += y * y;
      }
      if (j != i) angles.emplace_back(-xy / std::sqrt(xx * yy), static_cast<std::int32_t>(j));
    }
    std::sort(angles.begin(), angles.end());
    for (int a = 0; a < k; ++a)
      right += std::count(found.begin() + i * k, found.begin() + (i + 1) * k, angles[a].second);
  }
  EXPECT_GE(static_cast<double>(right) / (n * k), 0.99);  // long double has ties of its own
}

TEST(Neighbours, SharedOfRisingLists) {
  const std::vector<std::int32_t> a = {1, 3, 5, 9}, b = {0, 3, 9, 10}, c = {2, 4, 6, 8};
  EXPECT_EQ(shared_neighbours(a, b), 2);
  EXPECT_EQ(shared_neighbours(b, a), 2);
  EXPECT_EQ(shared_neighbours(a, a), 4);
  EXPECT_EQ(shared_neighbours(a, c), 0);
}
