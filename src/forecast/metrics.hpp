#pragma once
// Numbers that say how good forecasts are, from errors that are already known.

#include <cstdint>
#include <span>
#include <vector>

#include "forecast/errors.hpp"

namespace hypercast::forecast {

// Errors at the observed points of a grid (In-s) and at all others (Out-s). `observed`: indices of points in
// rising order; fields are [point][channel]. Where a part has no points its errors are NaN.
struct SplitError {
  FrameError inside, outside;
};
SplitError split_error(std::span<const float> forecast, std::span<const float> truth,
                       std::span<const std::uint32_t> observed, std::size_t channels);

// How long forecasts are useful: for each trajectory the time from `start` to its first frame whose relative
// L2 error exceeds the threshold (or is not finite). A trajectory that stays below counts until its last
// frame, and is one of `never`; the mean is then a lower bound.
struct ValidTime {
  double mean = 0;
  int trajectories = 0;
  int never = 0;
  std::vector<double> each;  // [trajectory]
};
// relative_l2[trajectory][time] at rising `times`; frames before `start` do not count.
ValidTime valid_time(std::span<const double> relative_l2, std::span<const double> times, double start,
                     double threshold);

// How well the spread of an ensemble of forecasts predicts their error. An honest ensemble has ratio 1 and
// correlations near 1. (With k members the expected ratio is sqrt(k / (k + 1)): V. Fortin et al., "Why should
// ensemble spread match the RMSE of the ensemble mean?", J. Hydrometeorol. 15 (2014).)
struct SpreadSkill {
  double ratio = 0;        // root mean squared spread / root mean squared error, over all frames
  double correlation = 0;  // of spread and error over all frames and trajectories
  // The same over the trajectories at a fixed time, mean over times: whether the spread tells which of the
  // forecasts are bad, rather than that late ones are. NaN with fewer than three trajectories.
  double among_trajectories = 0;
};
// Root mean squares over points and channels of every frame, [trajectory][time].
SpreadSkill spread_skill(std::span<const double> spread, std::span<const double> error, std::size_t times);

// Pearson's correlation; NaN when one of them does not vary.
double correlation(std::span<const double> a, std::span<const double> b);

}  // namespace hypercast::forecast
