// LogME against evidence that is known in closed form or computed from the density of the labels.

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "scoring.hpp"

using namespace golden;

namespace {

Score logme(const Features& f, const std::vector<int>& labels, int classes) {
  return dynamic_cast<const ModelMeasure&>(*measure("logme")).score(f.values, f.width, labels, classes);
}

std::vector<int> cycle(std::size_t n, int classes) {
  std::vector<int> labels(n);
  for (std::size_t i = 0; i < n; ++i) labels[i] = static_cast<int>(i) % classes;
  return labels;
}

std::vector<double> one_against_rest(const std::vector<int>& labels, int c) {
  std::vector<double> y;
  for (const int label : labels) y.push_back(label == c ? 1 : 0);
  return y;
}

// ln N(y; 0, F F'/a + I/b), through a Cholesky factor.
double log_density(const Features& f, const std::vector<double>& y, double a, double b) {
  const std::size_t n = f.n;
  Features l{n, n};
  std::vector<double> z(n);
  double sum = -0.5 * static_cast<double>(n) * std::log(2 * std::numbers::pi);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double c = i == j ? 1 / b : 0;
      for (std::size_t k = 0; k < f.width; ++k) c += f(i, k) * f(j, k) / a;
      for (std::size_t k = 0; k < j; ++k) c -= l(i, k) * l(j, k);
      l(i, j) = i == j ? std::sqrt(c) : c / l(j, j);
    }
    z[i] = y[i];
    for (std::size_t k = 0; k < i; ++k) z[i] -= l(i, k) * z[k];
    z[i] /= l(i, i);
    sum -= std::log(l(i, i)) + 0.5 * z[i] * z[i];
  }
  return sum;
}

// The largest over a and b, on a grid around the best that is refined until it does not matter.
double largest_log_density(const Features& f, const std::vector<double>& y) {
  double a = 0, b = 0, best = -1e300;
  for (double step = 1; step > 1e-5; step /= 3) {
    const double a0 = a, b0 = b;
    for (int i = -9; i <= 9; ++i)
      for (int j = -9; j <= 9; ++j) {
        const double value = log_density(f, y, std::exp(a0 + i * step), std::exp(b0 + j * step));
        if (value <= best) continue;
        best = value;
        a = a0 + i * step;
        b = b0 + j * step;
      }
  }
  return best;
}

}  // namespace

// Of d orthonormal columns: variance z/d along them and r/(n - d) beyond, or one variance if that is larger.
TEST(LogMe, OfOrthonormalColumnsHasAClosedForm) {
  const std::size_t n = 30, d = 4;
  const auto labels = cycle(n, 3);
  for (const double noise : {0.05, 0.3, 30.0}) {
    auto f = scaled(normals(n, d, 81), noise);
    for (std::size_t i = 0; i < n; ++i) f(i, labels[i]) += 1;
    f = scaled(orthonormal(f), 4);
    double expected = 0;
    for (int c = 0; c < 3; ++c) {
      double along = 0;
      for (std::size_t j = 0; j < d; ++j) {
        double product = 0;
        for (std::size_t i = 0; i < n; ++i) product += f(i, j) / 4 * (labels[i] == c);
        along += product * product;
      }
      const double size = static_cast<double>(n), dims = static_cast<double>(d), rest = size / 3 - along;
      const bool seen = along / dims > rest / (size - dims);
      const double spread =
          seen ? dims * std::log(along / dims) + (size - dims) * std::log(rest / (size - dims))
               : size * std::log(1.0 / 3);
      expected -= (std::log(2 * std::numbers::pi) + 1 + spread / size) / 2 / 3;
    }
    const Score found = logme(f, labels, 3);
    EXPECT_NEAR(found.value, expected, 1e-10) << noise;
    EXPECT_EQ(found.status, Status::ok);
  }
}

TEST(LogMe, IsTheLargestEvidence) {
  for (const std::size_t width : {3, 12, 20}) {  // fewer columns than rows, as many, more
    const std::size_t n = 12;
    const auto labels = cycle(n, 2);
    auto f = normals(n, width, 82);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < width; ++j)
        f(i, j) = (f(i, j) + 2 * labels[i] - 1) * std::pow(0.7, static_cast<double>(j));
    const double expected = (largest_log_density(f, one_against_rest(labels, 0)) +
                             largest_log_density(f, one_against_rest(labels, 1))) /
                            (2 * static_cast<double>(n));
    EXPECT_NEAR(logme(f, labels, 2).value, expected, 1e-8) << width;
  }
}

TEST(LogMe, DoesNotSeeTurnsAndScales) {
  const auto labels = cycle(60, 4);
  auto f = normals(60, 6, 83);
  for (std::size_t i = 0; i < 60; ++i) f(i, labels[i]) += 2;
  const double value = logme(f, labels, 4).value;
  EXPECT_NEAR(logme(times(f, rotation(6, 84)), labels, 4).value, value, 1e-10);
  EXPECT_NEAR(logme(scaled(f, 1e-200), labels, 4).value, value, 1e-10);
  EXPECT_NEAR(logme(scaled(f, 1e200), labels, 4).value, value, 1e-10);
  EXPECT_GT(std::abs(logme(translated(f, 2), labels, 4).value - value), 1e-4);
  EXPECT_GT(std::abs(logme(times(f, normals(6, 6, 85)), labels, 4).value - value), 1e-4);
  EXPECT_EQ(measure("logme")->card().invariant_to, "OSP");
}

TEST(LogMe, PrefersFeaturesThatTellClassesApart) {
  const auto labels = cycle(90, 3);
  const auto noise = normals(90, 5, 86);
  double last = -INFINITY;
  for (const double signal : {0.0, 0.5, 1.0, 3.0}) {
    auto f = noise;
    for (std::size_t i = 0; i < 90; ++i) f(i, labels[i]) += signal;
    EXPECT_GT(logme(f, labels, 3).value, last) << signal;
    last = logme(f, labels, 3).value;
  }
}

TEST(LogMe, OfLabelsThatFeaturesGiveExactlyIsFiniteAndMarked) {
  const auto labels = cycle(30, 3);
  Features f{30, 3};
  for (std::size_t i = 0; i < 30; ++i) f(i, labels[i]) = 1;
  const Score exact = logme(f, labels, 3);
  EXPECT_EQ(exact.status, Status::clipped);
  EXPECT_TRUE(std::isfinite(exact.value));
  for (std::size_t i = 0; i < f.values.size(); ++i) f.values[i] += 1e-3 * normals(30, 3, 87).values[i];
  EXPECT_EQ(logme(f, labels, 3).status, Status::ok);
  EXPECT_LT(logme(f, labels, 3).value, exact.value);
}

TEST(LogMe, TakesClassesThatOccur) {
  const auto f = normals(10, 4, 88);
  const auto labels = cycle(10, 2);
  auto renamed = labels;
  for (int& label : renamed) label = label == 0 ? 3 : 17;
  EXPECT_EQ(logme(f, renamed, 20).value, logme(f, labels, 2).value) << "more classes than rows";
  std::vector<int> all_different(10);
  std::iota(all_different.begin(), all_different.end(), 0);
  EXPECT_TRUE(std::isfinite(logme(f, all_different, 10).value));
  EXPECT_EQ(logme(f, std::vector<int>(10, 1), 2).status, Status::skipped) << "one class";
  EXPECT_TRUE(std::isnan(logme(f, std::vector<int>(10, 1), 2).value));
  EXPECT_EQ(logme(Features{10, 4}, labels, 2).status, Status::zero_variance);
}
