#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/random.hpp"
#include "nn/empirical_bayes.hpp"
#include "nn/gaussian_least_squares.hpp"

using namespace hypercast;
using namespace hypercast::nn;

namespace {

std::vector<double> normals(std::size_t count, std::uint32_t stream) {
  std::vector<double> values(count);
  const Random random(8, Random::Purpose::test, stream);
  for (std::size_t i = 0; i < count; ++i) values[i] = random.normal(i);
  return values;
}

// y[n] = a[n][d] x[d]
std::vector<double> times(std::span<const double> a, std::span<const double> x) {
  std::vector<double> y(a.size() / x.size());
  for (std::size_t i = 0; i < y.size(); ++i)
    for (std::size_t j = 0; j < x.size(); ++j) y[i] += a[i * x.size() + j] * x[j];
  return y;
}

// A prior of d coefficients with correlations: S = F F^T for a random F.
GaussianPrior correlated(std::size_t d) {
  const auto f = normals(d * d, 1);
  const auto m = normals(d, 2);
  GaussianPrior prior{{m.begin(), m.end()}, Buffer<double>(d * d)};
  for (std::size_t i = 0; i < d; ++i)
    for (std::size_t j = 0; j < d; ++j)
      for (std::size_t k = 0; k < d; ++k) prior.covariance[i * d + j] += f[i * d + k] * f[j * d + k];
  return prior;
}

// The gradient of |u - A z|^2 / s2 + (z - m)^T S^{-1} (z - m), times S: zero at the posterior mean.
double worst_gradient(std::span<const double> a, const GaussianPrior& prior, double s2,
                      std::span<const double> u, std::span<const double> z) {
  const std::size_t d = prior.size(), n = u.size();
  const auto fitted = times(a, z);
  std::vector<double> back(d);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < d; ++j) back[j] += a[i * d + j] * (u[i] - fitted[i]) / s2;
  double worst = 0;
  for (std::size_t j = 0; j < d; ++j) {
    double pull = 0;
    for (std::size_t k = 0; k < d; ++k)
      pull += (prior.diagonal() ? (j == k) * prior.covariance[j] : prior.covariance[j * d + k]) * back[k];
    worst = std::max(worst, std::abs(pull - (z[j] - prior.mean[j])));
  }
  return worst;
}

}  // namespace

// More measurements than unknowns, as many, and fewer.
class PosteriorMean : public testing::TestWithParam<std::size_t> {};

TEST_P(PosteriorMean, IsWhereTheGradientVanishes) {
  const std::size_t n = GetParam(), d = 6, count = 3;
  const auto a = normals(n * d, 3), u = normals(n * count, 4);
  GaussianPrior prior = correlated(d);
  std::vector<double> z(d * count), one(d);
  for (const bool diagonal : {false, true}) {
    if (diagonal) prior.covariance = {0.5, 1, 2, 0.1, 3, 0};  // the last is known
    const GaussianLeastSquares fit(a, prior, 0.04);
    EXPECT_EQ(fit.ridge(), 0);
    EXPECT_EQ(fit.rows(), n);
    EXPECT_EQ(fit.size(), d);
    fit.solve(u, z);
    for (std::size_t c = 0; c < count; ++c) {
      const auto measured = std::span(u).subspan(c * n, n);
      EXPECT_LT(worst_gradient(a, prior, 0.04, measured, std::span(z).subspan(c * d, d)), 1e-9);
      fit.solve(measured, one);
      for (std::size_t j = 0; j < d; ++j) EXPECT_NEAR(one[j], z[c * d + j], 1e-12) << "alone and together";
    }
    if (diagonal) {
      EXPECT_EQ(z[d - 1], prior.mean[d - 1]);
    }
  }
}

TEST_P(PosteriorMean, KnowsItsVariance) {
  const std::size_t n = GetParam(), d = 4, count = 4000;
  const auto a = normals(n * d, 3), noise = normals(n * count, 5), w = normals(d * count, 6);
  const GaussianPrior prior{{1, 2, 3, 4}, {1, 0.25, 4, 0.01}};
  const double s2 = 0.09;
  std::vector<double> u, truth(d * count), z(d * count);
  for (std::size_t c = 0; c < count; ++c) {
    for (std::size_t j = 0; j < d; ++j)
      truth[c * d + j] = prior.mean[j] + std::sqrt(prior.covariance[j]) * w[c * d + j];
    const auto seen = times(a, std::span(truth).subspan(c * d, d));
    for (std::size_t i = 0; i < n; ++i) u.push_back(seen[i] + std::sqrt(s2) * noise[c * n + i]);
  }
  GaussianPrior same = prior;  // as a full matrix
  same.covariance.assign(d * d, 0);
  for (std::size_t j = 0; j < d; ++j) same.covariance[j * d + j] = prior.covariance[j];
  const GaussianLeastSquares fit(a, prior, s2), full(a, same, s2);
  fit.solve(u, z);
  const auto variance = fit.variance(), variance_full = full.variance();
  for (std::size_t j = 0; j < d; ++j) {
    double sum = 0;
    for (std::size_t c = 0; c < count; ++c) sum += std::pow(z[c * d + j] - truth[c * d + j], 2);
    EXPECT_NEAR(sum / count / variance[j], 1, 0.1) << j;
    EXPECT_NEAR(variance_full[j] / variance[j], 1, 1e-9) << j;
  }
}

INSTANTIATE_TEST_SUITE_P(Rows, PosteriorMean, testing::Values(25, 6, 2));

TEST(GaussianLeastSquares, SaysWhatItAddedToASingularPrior) {
  GaussianPrior prior{{0, 0}, {1, 1, 1, 1}};  // both coefficients are the same number
  const std::vector<double> a = {1, 0}, u = {3};
  std::vector<double> z(2);
  const GaussianLeastSquares fit(a, prior, 1e-8);
  fit.solve(u, z);
  EXPECT_NEAR(z[0], 3, 1e-5);
  EXPECT_NEAR(z[1], 3, 1e-5) << "what the prior knows of it";
  EXPECT_GT(fit.ridge(), 0);
  EXPECT_LE(fit.ridge(), 1e-6);
  prior.covariance = {1, 2, 2, 1};
  EXPECT_THROW(GaussianLeastSquares(a, prior, 1e-8), Error) << "no covariance";
}

TEST(GaussianLeastSquares, LearnsMeanAndCovarianceOfSamples) {
  const std::vector<double> samples = {1, 5, 3, 9};
  const auto prior = gaussian_of(samples, 2);
  EXPECT_EQ(prior.mean, (Buffer<double>{2, 7}));
  EXPECT_EQ(prior.covariance, (Buffer<double>{1, 2, 2, 4}));
}

TEST(LeastSquares, FindsWhatWasMeasured) {
  const std::size_t n = 12, d = 5;
  const auto a = normals(n * d, 7), truth = normals(d, 8);
  std::vector<double> z(d);
  least_squares(a, n, times(a, truth), z);
  for (std::size_t j = 0; j < d; ++j) EXPECT_NEAR(z[j], truth[j], 1e-12);
  EXPECT_THROW(least_squares(std::span(a).first(4 * d), 4, std::span(truth).first(4), z), Error);
}

// Half of the coefficients never occur; measurements hold noise. Rows more and fewer than columns.
class LearnedPrior : public testing::TestWithParam<std::size_t> {};

TEST_P(LearnedPrior, IsThatOfTheData) {
  const std::size_t n = GetParam(), d = 12, count = 20000;
  const auto a = normals(n * d, 9), w = normals(d * count, 10), noise = normals(n * count, 11);
  std::vector<double> variances(d), u, one(d);
  for (std::size_t j = 0; j < d; j += 2) variances[j] = std::pow(2.0, -static_cast<double>(j) / 2);
  const double s2 = 0.01;
  for (std::size_t c = 0; c < count; ++c) {
    for (std::size_t j = 0; j < d; ++j) one[j] = std::sqrt(variances[j]) * w[c * d + j];
    const auto seen = times(a, one);
    for (std::size_t i = 0; i < n; ++i) u.push_back(seen[i] + std::sqrt(s2) * noise[c * n + i]);
  }
  const auto found = empirical_bayes(a, n, u, {.max_iterations = 20000, .tolerance = 1e-11, .groups = {}});
  EXPECT_GT(found.iterations, 2);
  EXPECT_NEAR(found.noise_variance / s2, 1, 0.1);
  for (std::size_t j = 0; j < d; ++j)
    EXPECT_NEAR(found.variances[j], variances[j], 0.05 * variances[j] + 1e-3) << j;

  // The evidence is that of the formula, and rises from iteration to iteration.
  double before = -INFINITY;
  for (int iterations = 1; iterations < 40; iterations += 3) {
    const auto early =
        empirical_bayes(a, n, u, {.max_iterations = iterations, .tolerance = -1, .groups = {}});
    EXPECT_EQ(early.iterations, iterations);
    EXPECT_GE(early.log_evidence, before - 1e-12);
    before = early.log_evidence;
  }
  EXPECT_GE(found.log_evidence, before - 1e-6);
}

INSTANTIATE_TEST_SUITE_P(Rows, LearnedPrior, testing::Values(20, 8));

TEST(LearnedPrior, SharesVariancesWithinAGroup) {
  const std::size_t n = 3, d = 4, count = 500;
  const auto a = normals(n * d, 9);
  const auto w = normals(d * count, 10);
  std::vector<double> u;
  for (std::size_t c = 0; c < count; ++c) {
    const std::vector<double> one = {2 * w[c * d], 2 * w[c * d + 1], 0.5 * w[c * d + 2], 0.5 * w[c * d + 3]};
    const auto seen = times(a, one);
    u.insert(u.end(), seen.begin(), seen.end());
  }
  const auto found =
      empirical_bayes(a, n, u, {.max_iterations = 3000, .tolerance = 1e-9, .groups = {0, 0, 1, 1}});
  EXPECT_EQ(found.variances[0], found.variances[1]);
  EXPECT_EQ(found.variances[2], found.variances[3]);
  EXPECT_NEAR(found.variances[0], 4, 0.6);
  EXPECT_NEAR(found.variances[2], 0.25, 0.08);
}

// Every group sees the same coefficients through an A of its own: some with more rows than columns, some
// with fewer.
TEST(LearnedPrior, OfManyGroupsIsThatOfAllMeasurements) {
  const std::size_t d = 8, groups = 60, count = 100;
  const double s2 = 0.04;
  std::vector<double> variances(d);
  for (std::size_t j = 0; j < d; ++j) variances[j] = j % 3 == 2 ? 0 : std::exp2(-static_cast<double>(j));
  std::vector<std::vector<double>> a, u(groups);
  std::vector<MeasuredGroup> measured;
  for (std::size_t g = 0; g < groups; ++g) {
    const std::size_t n = g % 2 == 0 ? 5 : 12;
    const auto seed = static_cast<std::uint32_t>(100 + 3 * g);
    a.push_back(normals(n * d, seed));
    const auto w = normals(d * count, seed + 1), noise = normals(n * count, seed + 2);
    for (std::size_t c = 0; c < count; ++c) {
      std::vector<double> one(d);
      for (std::size_t j = 0; j < d; ++j) one[j] = std::sqrt(variances[j]) * w[c * d + j];
      const auto seen = times(a[g], one);
      for (std::size_t i = 0; i < n; ++i) u[g].push_back(seen[i] + std::sqrt(s2) * noise[c * n + i]);
    }
  }
  for (std::size_t g = 0; g < groups; ++g) measured.push_back({a[g], a[g].size() / d, u[g]});
  const auto found = empirical_bayes(measured, {.max_iterations = 5000, .tolerance = 1e-10, .groups = {}});
  EXPECT_NEAR(found.noise_variance / s2, 1, 0.05);
  for (std::size_t j = 0; j < d; ++j)
    EXPECT_NEAR(found.variances[j], variances[j], 0.06 * variances[j] + 2e-3) << j;

  // Two groups with one A are one group.
  const std::span<const double> all(u[0]), half = all.first(all.size() / 2), rest = all.last(all.size() / 2);
  const EmpiricalBayesOptions few{.max_iterations = 7, .tolerance = -1, .groups = {}};
  const auto whole = empirical_bayes(a[0], 5, all, few);
  const std::vector<MeasuredGroup> split = {{a[0], 5, half}, {a[0], 5, rest}};
  const auto parts = empirical_bayes(split, few);
  EXPECT_NEAR(parts.log_evidence, whole.log_evidence, 1e-9 * std::abs(whole.log_evidence));
  for (std::size_t j = 0; j < d; ++j) EXPECT_NEAR(parts.variances[j], whole.variances[j], 1e-9) << j;
}

TEST(LearnedPrior, OfZerosIsZero) {
  const auto found = empirical_bayes(std::vector<double>{1, 2}, 2, std::vector<double>(6, 0.0));
  EXPECT_EQ(found.variances, Buffer<double>{0});
  EXPECT_EQ(found.noise_variance, 0);
}
