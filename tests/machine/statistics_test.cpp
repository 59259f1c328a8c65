// Medians, quartiles, and lines through times of messages.

#include "machine/statistics.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "core/error.hpp"
#include "machine/link_fit.hpp"

using namespace hypercast;
using namespace hypercast::machine;

namespace {

Summary of(std::vector<double> samples) { return summarise(samples); }

}  // namespace

// The values are those of numpy.percentile(samples, [25, 50, 75]).
TEST(Statistics, QuartilesLieBetweenSamples) {
  const auto odd = of({7, 1, 3, 9, 5});
  EXPECT_EQ(odd.lower, 3);
  EXPECT_EQ(odd.median, 5);
  EXPECT_EQ(odd.upper, 7);
  EXPECT_EQ(odd.count, 5u);
  const auto even = of({10, 20, 40, 80, 160, 320});
  EXPECT_DOUBLE_EQ(even.lower, 25);
  EXPECT_DOUBLE_EQ(even.median, 60);
  EXPECT_DOUBLE_EQ(even.upper, 140);
}

TEST(Statistics, OneSampleIsItsOwnSummaryAndNoneIsAnError) {
  const auto one = of({4});
  EXPECT_EQ(one.lower, 4);
  EXPECT_EQ(one.median, 4);
  EXPECT_EQ(one.upper, 4);
  EXPECT_THROW(of({}), Error);
}

TEST(Statistics, OneSampleFarOffDoesNotMoveTheMedian) {
  EXPECT_EQ(of({1, 1, 1, 1, 1000}).median, 1);
  const auto scaled = 0.5 * of({2, 4, 6});
  EXPECT_EQ(scaled.lower, 1.5);
  EXPECT_EQ(scaled.median, 2);
  EXPECT_EQ(scaled.upper, 2.5);
  EXPECT_EQ(scaled.count, 3u);
}

class Fit : public testing::Test {
 protected:
  std::vector<double> bytes{8, 64, 512, 4096, 32768, 262144, 1048576, 4194304};
  std::vector<double> times(double alpha, double beta) const {
    std::vector<double> seconds;
    for (const double n : bytes) seconds.push_back(alpha + n * beta);
    return seconds;
  }
};

TEST_F(Fit, FindsTheLineThatTimesWereMadeOf) {
  for (const double alpha : {1e-7, 2e-6, 1e-4})
    for (const double beta : {1e-11, 1e-10, 3e-9}) {
      const auto fit = fit_link(bytes, times(alpha, beta));
      EXPECT_NEAR(fit.link.latency / alpha, 1, 1e-9);
      EXPECT_NEAR(fit.link.seconds_per_byte / beta, 1, 1e-9);
      EXPECT_LT(fit.worst, 1e-9);
    }
}

// Every second time 10 % too long: both parameters stay within that, and the misfit shows it.
TEST_F(Fit, NoiseMovesItNoFurtherThanTheNoise) {
  auto seconds = times(2e-6, 1e-10);
  for (std::size_t i = 0; i < seconds.size(); i += 2) seconds[i] *= 1.1;
  const auto fit = fit_link(bytes, seconds);
  EXPECT_GT(fit.link.latency, 2e-6);
  EXPECT_LT(fit.link.latency, 2.2e-6);
  EXPECT_GT(fit.link.seconds_per_byte, 1e-10);
  EXPECT_LT(fit.link.seconds_per_byte, 1.1e-10);
  EXPECT_GT(fit.worst, 0.03);
  EXPECT_LT(fit.worst, 0.1);
}

// Small messages weigh as much as large ones: an error of a microsecond in the longest does not hide the
// latency.
TEST_F(Fit, LargeMessagesDoNotDrownTheLatency) {
  auto seconds = times(1e-6, 1e-9);
  seconds.back() *= 1.02;
  EXPECT_NEAR(fit_link(bytes, seconds).link.latency / 1e-6, 1, 0.01);
}

TEST_F(Fit, WithoutALineItTakesTheEnds) {
  const auto fit = fit_link(std::vector<double>{8, 800}, std::vector<double>{4e-6, 1e-6});
  EXPECT_EQ(fit.link.latency, 4e-6);
  EXPECT_EQ(fit.link.seconds_per_byte, 1e-6 / 800);
}

TEST_F(Fit, RefusesTooFewSizesAndTimesThatAreNone) {
  EXPECT_THROW(fit_link(std::vector<double>{8}, std::vector<double>{1e-6}), Error);
  EXPECT_THROW(fit_link(std::vector<double>{8, 8}, std::vector<double>{1e-6, 1e-6}), Error);
  EXPECT_THROW(fit_link(std::vector<double>{8, 9}, std::vector<double>{0, 1e-6}), Error);
}
