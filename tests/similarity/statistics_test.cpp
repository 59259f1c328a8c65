// How sure scores are, against formulas in two passes and numbers by hand.

#include "similarity/statistics.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/random.hpp"

using namespace hypercast::similarity;

namespace {

Scores scores(const std::vector<double>& values) {
  Scores made;
  for (const double value : values) made.entries.push_back({value, Status::ok});
  return made;
}

constexpr double none = std::numeric_limits<double>::quiet_NaN();

}  // namespace

TEST(Moments, AreThoseOfTwoPasses) {
  const hypercast::Random random(3, hypercast::Random::Purpose::test);
  const int count = 50;
  for (const double offset : {0.0, 1.0, 1e9}) {
    Moments moments;
    std::vector<double> values;
    for (int i = 0; i < count; ++i) {
      values.push_back(offset + std::round(1e3 * random.normal(static_cast<std::uint64_t>(i))) / 1024);
      moments.add(scores({values.back(), -2 * values.back(), 7}));
    }
    double mean = 0, squares = 0;
    for (const double v : values) mean += (v - offset) / count;
    for (const double v : values) squares += (v - offset - mean) * (v - offset - mean);
    EXPECT_EQ(moments.count, count);
    EXPECT_NEAR(moments.mean[0], offset + mean, 1e-14 * (1 + offset));
    EXPECT_NEAR(moments.mean[1], -2 * (offset + mean), 2e-14 * (1 + offset));
    EXPECT_NEAR(moments.squares[0], squares, 1e-6 * squares);
    EXPECT_NEAR(moments.squares[1], 4 * squares, 4e-6 * squares);
    EXPECT_EQ(moments.mean[2], 7);
    EXPECT_EQ(moments.squares[2], 0);
  }
}

TEST(Moments, StayUndefinedOnceAScoreWas) {
  Moments moments;
  for (const double v : {1.0, none, 2.0, 3.0}) moments.add(scores({v, 5}));
  EXPECT_TRUE(std::isnan(moments.mean[0]));
  EXPECT_TRUE(std::isnan(moments.squares[0]));
  EXPECT_EQ(moments.mean[1], 5);
}

TEST(Comparison, KnowsNothingThatWasNotAskedFor) {
  Comparison comparison;
  comparison.value = scores({0.5, 0.25});
  EXPECT_EQ(comparison.value.entries[1].value, 0.25);
  EXPECT_TRUE(comparison.standard_error().empty());
  EXPECT_TRUE(comparison.null_mean().empty());
  EXPECT_TRUE(comparison.null_deviation().empty());
  EXPECT_TRUE(comparison.p_value().empty());
}

// sqrt(3/4 * ((-3)^2 + (-1)^2 + 1 + 3^2)) of 1, 3, 5, 7.
TEST(Comparison, HasTheErrorOfTheJackknife) {
  Comparison comparison;
  comparison.value = scores({4, 4});
  for (const double v : {1.0, 3.0, 5.0, 7.0}) comparison.without.add(scores({v, v < 4 ? none : v}));
  const auto error = comparison.standard_error();
  ASSERT_EQ(error.size(), 2u);
  EXPECT_NEAR(error[0], std::sqrt(15.0), 1e-14);
  EXPECT_TRUE(std::isnan(error[1])) << "a score without some group is not defined";
  EXPECT_TRUE(comparison.p_value().empty());
}

// Of the mean of n numbers, the jackknife of single numbers is the textbook's standard error.
TEST(Comparison, HasTheErrorOfAMean) {
  const std::vector<double> x{0.3, -1.2, 2.5, 0.7, 1.1, -0.4};
  const auto n = static_cast<double>(x.size());
  double mean = 0, variance = 0;
  for (const double v : x) mean += v / n;
  for (const double v : x) variance += (v - mean) * (v - mean) / (n - 1);
  Comparison comparison;
  comparison.value = scores({mean});
  for (const double v : x) comparison.without.add(scores({(n * mean - v) / (n - 1)}));
  EXPECT_NEAR(comparison.standard_error()[0], std::sqrt(variance / n), 1e-14);
}

TEST(Comparison, CountsWhatIsAsSimilarByChance) {
  for (const bool larger : {true, false}) {
    Comparison comparison;
    comparison.larger_is_more_similar = larger;
    comparison.value = scores({0.5, 0.9, 0.1, 0.5});
    for (const double v : {0.2, 0.5, 0.4, 0.8}) comparison.add_permuted(scores({v, v, v, 0.5}));
    const auto p = comparison.p_value();
    // 0.5 is reached by 0.5 and 0.8, as a distance by 0.2, 0.5 and 0.4.
    EXPECT_DOUBLE_EQ(p[0], larger ? 3.0 / 5 : 4.0 / 5);
    EXPECT_DOUBLE_EQ(p[1], larger ? 1.0 / 5 : 1.0);
    EXPECT_DOUBLE_EQ(p[2], larger ? 1.0 : 1.0 / 5);
    EXPECT_DOUBLE_EQ(p[3], 1.0) << "equal is as similar";
    EXPECT_NEAR(comparison.null_mean()[0], 0.475, 1e-15);
    EXPECT_NEAR(comparison.null_deviation()[0], std::sqrt(0.1875 / 3), 1e-15);
    EXPECT_EQ(comparison.null_deviation()[3], 0);
    EXPECT_TRUE(comparison.standard_error().empty());
  }
}

TEST(Comparison, OfOnePermutationHasNoDeviation) {
  Comparison comparison;
  comparison.value = scores({0.5, 0.1});
  comparison.add_permuted(scores({0.3, 0.3}));
  EXPECT_EQ(comparison.null_mean()[0], 0.3);
  EXPECT_TRUE(std::isnan(comparison.null_deviation()[0]));
  EXPECT_EQ(comparison.p_value(), (std::vector<double>{0.5, 1}));
}

TEST(Comparison, HasNoProbabilityOfWhatIsNotDefined) {
  for (const bool larger : {true, false}) {
    Comparison comparison;
    comparison.larger_is_more_similar = larger;
    comparison.value = scores({none, 0.5, 0.5});
    comparison.add_permuted(scores({0.3, none, 0.3}));
    comparison.add_permuted(scores({0.4, 0.4, 0.4}));
    const auto p = comparison.p_value();
    EXPECT_TRUE(std::isnan(p[0]));
    EXPECT_TRUE(std::isnan(p[1]));
    EXPECT_DOUBLE_EQ(p[2], larger ? 1.0 / 3 : 1.0);
    EXPECT_NEAR(comparison.null_mean()[0], 0.35, 1e-15) << "chance is known without a value";
    EXPECT_TRUE(std::isnan(comparison.null_mean()[1]));
    EXPECT_TRUE(std::isnan(comparison.null_deviation()[1]));
  }
}
