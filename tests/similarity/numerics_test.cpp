// Scores where numbers are hard or do not allow any: offsets, single precision, condition, constant columns.

#include <gtest/gtest.h>

#include <cmath>

#include "scoring.hpp"

using namespace golden;

namespace {

const std::vector<std::string> normalised = {"cka",   "cka_debiased", "cka_rbf", "cca",
                                             "svcca", "pwcca",        "linreg",  "procrustes"};

std::pair<Features, Features> pair() {
  auto x = normals(80, 6, 31);
  auto y = sum(times(x, normals(6, 6, 32)), normals(80, 6, 33), 2);
  return {x, y};
}

Features in_single_precision(Features x) {
  for (auto& v : x.values) v = static_cast<float>(v);
  return x;
}

}  // namespace

TEST(Numerics, OffsetsCostNoDigits) {
  const auto [x, y] = pair();
  for (const auto& name : normalised) {
    const double value = score(name, x, y).value;
    EXPECT_NEAR(score(name, translated(x, 1e6), translated(y, 1e6)).value, value, 1e-9) << name;
  }
}

TEST(Numerics, SinglePrecisionIsEnoughForFeatures) {
  const auto [x, y] = pair();
  for (const auto& name : normalised)
    EXPECT_NEAR(score(name, in_single_precision(x), in_single_precision(y)).value, score(name, x, y).value,
                1e-6)
        << name;
}

TEST(Numerics, SizesOfFeaturesDoNotMatter) {
  const auto [x, y] = pair();
  for (const auto& name : normalised) {
    const double value = score(name, x, y).value;
    EXPECT_NEAR(score(name, scaled(x, 1e-30), scaled(y, 1e30)).value, value, 1e-12) << name;
    EXPECT_NEAR(score(name, scaled(x, 1e-35), scaled(y, 1e-35)).value, value, 1e-12) << name;
  }
  // Those that are not made of products of kernels take any number.
  for (const auto& name : {"cca", "svcca", "pwcca", "linreg", "procrustes", "mutual_knn", "rsa"})
    EXPECT_NEAR(score(name, scaled(x, 1e-200), scaled(y, 1e200)).value, score(name, x, y).value, 1e-12)
        << name;
}

TEST(Numerics, CanonicalCorrelationsOfIllConditionedFeatures) {
  const std::size_t n = 300, d = 8;
  const auto x = normals(n, d, 34);
  for (const double condition : {1e3, 1e6, 1e9}) {
    std::vector<double> s;
    for (std::size_t j = 0; j < d; ++j) s.push_back(std::pow(condition, -static_cast<double>(j) / (d - 1)));
    const auto y = times(with_columns_scaled(times(x, rotation(d, 35)), s), rotation(d, 36));
    EXPECT_NEAR(score("cca", x, y).value, 1, 1e-6) << condition;
    EXPECT_EQ(score("cca", x, y).status, Status::ok) << condition;
    // The same of models that share half their directions.
    const auto z = beside(columns(x, 0, d / 2), normals(n, d / 2, 37));
    EXPECT_NEAR(score("cca", y, z).value, score("cca", x, z).value, 1e-6) << condition;
  }
}

TEST(Numerics, ConstantAndRepeatedColumnsAddNothing) {
  const auto [x, y] = pair();
  auto constant = beside(x, Features{80, 1});
  for (std::size_t i = 0; i < 80; ++i) constant(i, 6) = 0.1;
  for (const auto& name : normalised)
    EXPECT_NEAR(score(name, constant, y).value, score(name, x, y).value, 1e-12) << name;
  const auto repeated = translated(beside(x, x), 1e5);  // rounding is no dimension
  for (const auto& name : {"cca", "cca_r2", "pwcca"}) {
    EXPECT_NEAR(score(name, repeated, y).value, score(name, x, y).value, 1e-9) << name;
    EXPECT_EQ(score(name, x, y).status, Status::ok) << name;
    EXPECT_EQ(score(name, constant, y).status, Status::rank_deficient) << name;
    EXPECT_EQ(score(name, repeated, y).status, Status::rank_deficient) << name;
    EXPECT_EQ(score(name, y, repeated).status, Status::rank_deficient) << name;
  }
}

TEST(Numerics, CorrelationsThatMeetByCountingAreMarked) {
  const auto x = normals(20, 10, 38), y = normals(20, 9, 39), z = normals(20, 10, 40),
             wide = normals(20, 30, 41);
  for (const auto& name : {"cca", "cca_r2", "pwcca"}) {
    EXPECT_EQ(score(name, x, y).status, Status::ok) << name << ": 10 + 9 dimensions of 19";
    EXPECT_EQ(score(name, x, z).status, Status::too_few_rows) << name;
    EXPECT_EQ(score(name, x, wide).status, Status::too_few_rows) << name;
    EXPECT_NEAR(score(name, x, wide).value, 1, 1e-12) << name;
  }
  EXPECT_EQ(score("svcca", x, z, {{"kept", 1.0}}).status, Status::too_few_rows);
  EXPECT_EQ(score("svcca", x, z, {{"kept", 0.5}}).status, Status::ok);
  EXPECT_EQ(score("linreg", x, wide).status, Status::too_few_rows);
  EXPECT_NEAR(score("linreg", x, wide).value, 1, 1e-12);
  EXPECT_EQ(score("linreg", wide, x).status, Status::ok);
}

TEST(Numerics, TooFewRowsHaveNoValue) {
  const auto x = normals(3, 2, 42), y = normals(3, 2, 43);
  for (const auto& name : {"cka_debiased", "cka_minibatch", "hsic_unbiased"}) {
    EXPECT_EQ(score(name, x, y).status, Status::too_few_rows) << name;
    EXPECT_TRUE(std::isnan(score(name, x, y).value)) << name;
  }
  EXPECT_EQ(score("cka_rbf", x, y, {{"debiased", true}}).status, Status::too_few_rows);
  EXPECT_EQ(score("hsic", normals(1, 2, 42), normals(1, 2, 43)).status, Status::too_few_rows);
  for (const auto& name : {"mutual_knn", "jaccard_knn"}) {
    const auto of = [&](std::size_t n) { return score(name, normals(n, 3, 44), normals(n, 3, 45)); };
    EXPECT_EQ(of(11).status, Status::too_few_rows) << name << ": all others are neighbours";
    EXPECT_EQ(of(12).status, Status::ok) << name;
  }
}

// Rows that are all equally far from each other have no similarities beside the diagonal.
TEST(Numerics, RowsThatAreAllEquallyFarHaveNoDebiasedScore) {
  Features one_hot{30, 30};
  for (std::size_t i = 0; i < 30; ++i) one_hot(i, i) = 1;
  EXPECT_EQ(score("cka_debiased", one_hot, normals(30, 4, 46)).status, Status::zero_variance);
  EXPECT_EQ(score("cka", one_hot, normals(30, 4, 46)).status, Status::ok);
}

TEST(Scores, ArePutBackIntoTheirRange) {
  EXPECT_EQ(within(1 + 1e-13, 0, 1).value, 1);
  EXPECT_EQ(within(1 + 1e-13, 0, 1).status, Status::ok);
  EXPECT_EQ(within(1.01, 0, 1).value, 1);
  EXPECT_EQ(within(1.01, 0, 1).status, Status::clipped);
  EXPECT_EQ(within(0.5, 0, 1, Status::rank_deficient).status, Status::rank_deficient);
  EXPECT_EQ(within(std::nan(""), 0, 1).status, Status::not_finite);
  EXPECT_TRUE(std::isnan(within(INFINITY, 0, 1).value));
}

TEST(Scores, OfACosine) {
  EXPECT_EQ(cosine(0.1, 0.1, 0.1, 0).value, 1);
  EXPECT_EQ(cosine(-3e200, 1e200, 9e200, -1).value, -1);
  EXPECT_EQ(cosine(-3e200, 1e200, 9e200, -1).status, Status::ok);
  EXPECT_EQ(cosine(1, 0, 1, -1).status, Status::zero_variance);
  EXPECT_EQ(cosine(0, NAN, 1, -1).status, Status::not_finite);
  EXPECT_EQ(cosine(1, INFINITY, 1, -1).status, Status::not_finite);
  EXPECT_EQ(angle(cosine(1, 0, 1, -1)).status, Status::zero_variance);
}
