#pragma once
// How far forecasts are from the reference, frame by frame and summed up.

#include <memory>
#include <string>
#include <vector>

#include "core/context.hpp"
#include "forecast/forecaster.hpp"
#include "forecast/reference.hpp"
#include "hyper/observed.hpp"

namespace hypercast::forecast {

struct FrameError {
  double mse = 0;          // mean over points and channels of the squared error
  double relative_l2 = 0;  // |e| / |u|, 2-norms over points and channels; |e| where u = 0
  double max = 0;          // largest absolute error
  // Where the forecast saw points of a mask only: mse there and elsewhere.
  double mse_inside = 0, mse_outside = 0;
};
FrameError frame_error(std::span<const float> forecast, std::span<const float> truth);

struct ErrorTable {
  std::vector<double> times;                    // of the compared frames
  std::vector<Window> windows;                  // what they were to the model
  int trajectories = 1;                         // of the reference
  std::vector<std::string> names;               // of the forecasters
  std::vector<std::vector<FrameError>> errors;  // [forecaster][trajectory x times + time]
  // Root mean square over points and channels of what a forecaster thinks of its error, likewise; empty
  // without.
  std::vector<std::vector<double>> spread;
  bool split = false;   // whether there is an inside and an outside
  bool unseen = false;  // trajectories that training did not see: "fitted" means In-t

  // Over the trajectories: means of mse and relative_l2, the largest max.
  FrameError mean(std::size_t forecaster, std::size_t time) const;
  double mean_spread(std::size_t forecaster, std::size_t time) const;  // root mean square
};

// COLLECTIVE. `observed`: the points of the first frames that forecasts started from, null when they did not.
// Every forecaster at those of `times` that the reference has; frames are shared out over ranks,
// and the result does not depend on how.
ErrorTable compare(const Context& context, const Reference& reference, const hyper::ModelFacts& facts,
                   const std::vector<double>& times, const std::vector<Forecaster*>& forecasters,
                   const hyper::Observed* observed = nullptr);

// Means over the frames of each window and all trajectories; the valid time: the first Out-t frame whose
// relative L2 exceeds the threshold, of unseen trajectories the first frame at all, in the mean; errors
// inside and outside a mask; how well a spread predicts the error. One string, several lines.
std::string summary(const ErrorTable& table, double valid_threshold);

}  // namespace hypercast::forecast
