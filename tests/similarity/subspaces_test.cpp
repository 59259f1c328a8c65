#include "similarity/subspaces.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "scoring.hpp"
#include "similarity/dense.hpp"

using namespace golden;
using namespace hypercast::similarity;

namespace {

struct Found {
  Subspace space;
  Features u, v;
};

Found found(const Features& x, bool is_centred = true) {
  Buffer<double> u;
  const auto n = static_cast<std::int64_t>(x.n);
  auto space = is_centred ? subspace_of(x.values, n, x.width, true, 0, u)
                          : uncentred_subspace_of(x.values, n, x.width, true, u);
  const std::size_t rank = space.rank;
  Features basis{x.n, rank, u}, axes{x.width, rank, space.v};
  return {std::move(space), basis, axes};
}

double largest(const Features& x) {
  double most = 0;
  for (const double v : x.values) most = std::max(most, std::abs(v));
  return most;
}

double worst_orthonormality(const Features& q) {
  auto products = times(transposed(q), q);
  for (std::size_t j = 0; j < q.width; ++j) products(j, j) -= 1;
  return largest(products);
}

// U diag(s) V'.
Features product(const Found& f) {
  auto s = f.space.s;
  for (double& value : s) value *= f.space.scale;
  return times(with_columns_scaled(f.u, s), transposed(f.v));
}

double norm(const Features& x) {
  return std::sqrt(std::inner_product(x.values.begin(), x.values.end(), x.values.begin(), 0.0));
}

}  // namespace

// Tall, square, wide; few and many.
class SubspaceOf : public testing::TestWithParam<std::pair<std::size_t, std::size_t>> {};
INSTANTIATE_TEST_SUITE_P(Sizes, SubspaceOf,
                         testing::Values(std::pair(200, 30), std::pair(60, 60), std::pair(61, 60),
                                         std::pair(60, 61), std::pair(30, 200), std::pair(7, 1),
                                         std::pair(2, 1), std::pair(2, 5), std::pair(3, 2)));

TEST_P(SubspaceOf, FeaturesIsTheirDecomposition) {
  const auto [n, width] = GetParam();
  const auto x = translated(normals(n, width, 51), 3);
  const auto f = found(x);
  EXPECT_EQ(f.space.n, static_cast<std::int64_t>(n));
  EXPECT_EQ(f.space.width, width);
  ASSERT_EQ(f.space.rank, std::min(n - 1, width));
  EXPECT_LT(worst_orthonormality(f.u), 1e-13);
  EXPECT_LT(worst_orthonormality(f.v), 1e-13);
  EXPECT_LT(largest(sum(product(f), centred(x), -1)), 1e-13 * norm(x));
  EXPECT_TRUE(std::is_sorted(f.space.s.rbegin(), f.space.s.rend()));
  for (std::size_t j = 0; j < f.u.width; ++j) {
    double most = 0, mean = 0;
    for (std::size_t i = 0; i < n; ++i) {
      if (std::abs(f.u(i, j)) > std::abs(most)) most = f.u(i, j);
      mean += f.u(i, j) / static_cast<double>(n);
    }
    EXPECT_GT(most, 0) << "the sign of column " << j;
    EXPECT_NEAR(mean, 0, 1e-14) << j;
  }
  const auto again = found(x);
  EXPECT_EQ(again.u.values, f.u.values) << "not the same bits twice";
  Buffer<double> u;
  const auto without_axes = subspace_of(x.values, f.space.n, width, false, 0, u);
  EXPECT_TRUE(without_axes.v.empty());
  EXPECT_EQ(u, f.u.values);
}

TEST_P(SubspaceOf, FeaturesAsTheyAre) {
  const auto [n, width] = GetParam();
  const auto x = translated(normals(n, width, 52), 3);
  const auto f = found(x, false);
  ASSERT_EQ(f.space.rank, std::min(n, width));
  EXPECT_LT(worst_orthonormality(f.u), 1e-13);
  EXPECT_LT(largest(sum(product(f), x, -1)), 1e-13 * norm(x));
}

TEST(Subspace, LosesNoDigitsToAnOffset) {
  // Multiples of 2^-20 keep all their bits beside 1e6.
  auto x = normals(300, 12, 53);
  for (auto& v : x.values) v = std::round(std::ldexp(v, 20)) / 1048576;
  const auto f = found(x);
  auto moved = x;
  for (auto& v : moved.values) v += 1e6;
  const auto g = found(moved);
  ASSERT_EQ(g.space.rank, 12u);
  for (std::size_t j = 0; j < 12; ++j)
    EXPECT_NEAR(g.space.scale * g.space.s[j] / (f.space.scale * f.space.s[j]), 1, 1e-13) << j;
  EXPECT_LT(largest(sum(f.u, g.u, -1)), 1e-12);
}

TEST(Subspace, LeavesOutWhatIsRounding) {
  const auto x = normals(50, 4, 54);
  EXPECT_EQ(found(beside(x, x)).space.rank, 4u);
  EXPECT_EQ(found(translated(beside(x, times(x, normals(4, 3, 55))), 1e6)).space.rank, 4u);
  EXPECT_EQ(found(beside(x, scaled(normals(50, 1, 56), 1e-9))).space.rank, 5u);
  EXPECT_EQ(found(beside(x, scaled(normals(50, 1, 56), 1e-15))).space.rank, 4u);
  const auto constant = found(translated(Features{50, 3}, 0.1));
  EXPECT_EQ(constant.space.rank, 0u);
  EXPECT_TRUE(constant.space.s.empty());
  EXPECT_TRUE(constant.u.values.empty());
  EXPECT_EQ(found(translated(Features{1, 3}, 1)).space.rank, 0u) << "one row";
}

TEST(Subspace, RefusesWhatIsNotFinite) {
  auto x = normals(10, 3, 57);
  x(4, 1) = NAN;
  EXPECT_THROW(found(x), hypercast::Error);
}

// Matrices on which a divide-and-conquer method deflates: equal, zero and very different singular values.
TEST(SingularValues, OfMatricesThatAreSpecial) {
  const std::size_t p = 70;
  const auto q = rotation(p, 58), r = rotation(p, 59);
  std::vector<std::vector<double>> spectra(5, std::vector<double>(p, 0.0));
  for (std::size_t j = 0; j < p; ++j) {
    spectra[0][j] = 1;
    spectra[1][j] = j < 35 ? 1 : 0;
    spectra[2][j] = std::pow(10, -0.25 * static_cast<double>(j));
    spectra[3][j] = j < 30 ? 1 : j < 50 ? 1e-8 : 0;
    spectra[4][j] = j == 0 ? 1 : 0;
  }
  for (const auto& s : spectra) {
    const auto a = times(with_columns_scaled(q, s), transposed(r));
    const auto values = singular_values({a.values, p, p});
    const auto full = svd({a.values, p, p});
    for (std::size_t j = 0; j < p; ++j) {
      EXPECT_NEAR(values[j], s[j], 1e-14);
      EXPECT_NEAR(full.s[j], s[j], 1e-14);
    }
    const Features u{p, p, full.u}, v{p, p, full.v};
    EXPECT_LT(worst_orthonormality(u), 1e-13);
    EXPECT_LT(worst_orthonormality(v), 1e-13);
    EXPECT_LT(largest(sum(times(with_columns_scaled(u, full.s), transposed(v)), a, -1)), 1e-14);
  }
}

// Features at the ends of the range of double precision.
TEST(SubspaceOf, LargeAndSmallNumbersIsThatOfOthers) {
  const Features x = normals(40, 5, 71), y = times(x, normals(5, 5, 72));
  for (const double factor : {1e-300, 1e300}) {
    Features extreme = x;
    for (double& value : extreme.values) value *= factor;
    for (const char* name : {"procrustes", "cca", "svcca", "linreg", "pwcca"}) {
      EXPECT_NEAR(score(name, extreme, y).value, score(name, x, y).value, 1e-12) << name << " " << factor;
      EXPECT_EQ(score(name, extreme, y).status, score(name, x, y).status) << name;
    }
  }
}

TEST(SingularValues, OfATransposeAreTheSameBits) {
  for (const auto& [rows, columns] : {std::pair(40, 40), std::pair(40, 23), std::pair(1, 5)}) {
    const auto a = normals(rows, columns, 63), b = transposed(a);
    EXPECT_EQ(singular_values({a.values, a.n, a.width}), singular_values({b.values, b.n, b.width}));
    EXPECT_EQ(nuclear_norm({a.values, a.n, a.width}), nuclear_norm({b.values, b.n, b.width}));
  }
}
