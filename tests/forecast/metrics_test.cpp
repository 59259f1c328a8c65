// Spectra, and numbers made of errors.

#include "forecast/metrics.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/random.hpp"
#include "forecast/spectra.hpp"

using namespace hypercast;
using namespace hypercast::forecast;

namespace {

io::Axis periodic(const std::string& name, int n, double length) {
  io::Axis axis{name, {}, io::Boundary::periodic};
  for (int i = 0; i < n; ++i) axis.points.push_back(length * i / n);
  return axis;
}

double sum(std::span<const double> values) {
  double total = 0;
  for (const double value : values) total += value;
  return total;
}

}  // namespace

TEST(Spectrum, PutsEveryWaveInItsShell) {
  // x has twice the length of y: wave numbers of y count double.
  const std::vector<io::Axis> axes = {periodic("x", 12, 4.0), periodic("y", 10, 2.0)};
  const Spectrum spectrum(axes, 2);
  EXPECT_NEAR(spectrum.wavenumbers()[1], M_PI / 2, 1e-12);
  std::vector<float> field;
  for (const double x : axes[0].points)
    for (const double y : axes[1].points) {
      field.push_back(static_cast<float>(3 + 2 * std::cos(M_PI / 2 * 3 * x + 0.4)));
      field.push_back(
          static_cast<float>(std::sin(M_PI / 2 * x) * std::cos(M_PI * y) + 0.5 * std::cos(M_PI * 5 * y)));
    }
  const auto energy = spectrum(field);
  // sin cos: |k| = sqrt(1 + 4), shell 2, mean square 1/4. The shortest wave of y: shell 10, mean square 1/4.
  for (std::size_t s = 0; s < energy.size(); ++s) {
    const double expected = s == 0 ? 4.5 : s == 3 ? 1.0 : s == 2 || s == 10 ? 0.125 : 0;
    EXPECT_NEAR(energy[s], expected, 1e-6) << s;
  }
  EXPECT_FALSE(Spectrum::possible({periodic("x", 4, 1.0), {"y", {0, 1}, io::Boundary::neumann}}));
}

TEST(Spectrum, HoldsAllEnergy) {
  for (const auto& axes :
       {std::vector{periodic("x", 31, 1.0)},
        std::vector{periodic("x", 8, 1.0), periodic("y", 6, 1.0), periodic("z", 5, 2.0)}}) {
    std::size_t points = 1;
    for (const auto& axis : axes) points *= axis.points.size();
    std::vector<float> field;
    double squares = 0;
    for (std::size_t i = 0; i < points; ++i) {
      field.push_back(static_cast<float>(Random(2, Random::Purpose::test).normal(i)));
      squares += static_cast<double>(field.back()) * field.back();
    }
    const auto energy = Spectrum(axes, 1)(field);
    EXPECT_NEAR(sum(energy), squares / 2 / static_cast<double>(points), 1e-9);
  }
}

TEST(Spectrum, DifferencesAreRelativeToTheTruth) {
  const std::vector<double> truth = {2, 0, 4, 0}, forecast = {1, 0, 5, 1};
  const auto difference = relative_difference(forecast, truth);
  EXPECT_EQ(difference, (std::vector<double>{0.5, 0, 0.25, INFINITY}));
}

TEST(SplitError, SeparatesObservedPoints) {
  const std::vector<float> truth = {1, 1, 2, 2, 3, 3}, guess = {2, 1, 2, 4, 3, 3};
  const std::vector<std::uint32_t> first = {0, 2};
  const auto split = split_error(guess, truth, first, 2);
  EXPECT_DOUBLE_EQ(split.inside.mse, 0.25);
  EXPECT_DOUBLE_EQ(split.inside.relative_l2, 1 / std::sqrt(20.0));
  EXPECT_DOUBLE_EQ(split.outside.mse, 2);
  EXPECT_DOUBLE_EQ(split.outside.max, 2);
  const std::vector<std::uint32_t> all = {0, 1, 2};
  EXPECT_DOUBLE_EQ(split_error(guess, truth, all, 2).inside.mse, frame_error(guess, truth).mse);
  EXPECT_TRUE(std::isnan(split_error(guess, truth, all, 2).outside.mse));
  EXPECT_TRUE(std::isnan(split_error(guess, truth, {}, 2).inside.mse));
}

TEST(ValidTime, IsTheMeanOverTrajectories) {
  const std::vector<double> times = {0, 1, 2, 3};
  const std::vector<double> errors = {
      0.5, 0.01, 0.2, 0.05,  // before the start nothing counts; 2
      0,   0,    0,   0,     // never
      0,   0.3,  0,   0,     // at once
      0,   0.1,  NAN, 0,     // the threshold itself is valid, what is not finite is not
  };
  const auto valid = valid_time(errors, times, 1.0, 0.1);
  EXPECT_EQ(valid.trajectories, 4);
  EXPECT_EQ(valid.never, 1);
  EXPECT_EQ(valid.each, (std::vector<double>{1, 2, 0, 1}));
  EXPECT_DOUBLE_EQ(valid.mean, 1);
}

TEST(SpreadSkill, KnowsAnHonestEnsemble) {
  // Errors are normal with the deviation that the spread claims; both differ from frame to frame.
  const std::size_t trajectories = 60, times = 40;
  std::vector<double> honest, error, blind, growing;
  for (std::size_t i = 0; i < trajectories * times; ++i) {
    const Random random(9, Random::Purpose::test);
    const double scale = std::exp(random.normal(3 * i));
    double squares = 0;
    for (std::uint32_t j = 0; j < 20; ++j)
      squares += std::pow(scale * Random(9, Random::Purpose::test, 1 + j).normal(i), 2) / 20;
    honest.push_back(scale);
    error.push_back(std::sqrt(squares));
    blind.push_back(std::exp(random.normal(3 * i + 1)));
    growing.push_back(static_cast<double>(i % times));
  }
  const auto good = spread_skill(honest, error, times);
  EXPECT_NEAR(good.ratio, 1, 0.05);
  EXPECT_GT(good.correlation, 0.95);
  EXPECT_GT(good.among_trajectories, 0.9);
  std::vector<double> timid = honest;
  for (double& s : timid) s /= 4;
  EXPECT_NEAR(spread_skill(timid, error, times).ratio, 0.25, 0.02);
  EXPECT_NEAR(spread_skill(blind, error, times).among_trajectories, 0, 0.1);
  // A spread that knows the time only.
  std::vector<double> late = error;
  for (std::size_t i = 0; i < late.size(); ++i) late[i] *= 1 + growing[i];
  const auto clock = spread_skill(growing, late, times);
  EXPECT_GT(clock.correlation, 0.3);
  EXPECT_TRUE(std::isnan(clock.among_trajectories));
  EXPECT_TRUE(
      std::isnan(spread_skill(std::span(honest).first(2 * times), std::span(error).first(2 * times), times)
                     .among_trajectories));
}

TEST(Correlation, IsPearsons) {
  const std::vector<double> a = {1, 2, 3}, b = {2, 4, 6}, c = {3, 2, 1}, d = {5, 5, 5}, e = {1, 2, 1};
  EXPECT_DOUBLE_EQ(correlation(a, b), 1);
  EXPECT_DOUBLE_EQ(correlation(a, c), -1);
  EXPECT_DOUBLE_EQ(correlation(a, e), 0);
  EXPECT_TRUE(std::isnan(correlation(a, d)));
}
