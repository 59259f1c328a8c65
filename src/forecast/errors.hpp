#pragma once
// How far forecasts are from the reference, frame by frame and summed up.

#include <memory>
#include <string>
#include <vector>

#include "core/context.hpp"
#include "forecast/forecaster.hpp"
#include "forecast/reference.hpp"

namespace hypercast::forecast {

struct FrameError {
  double mse = 0;          // mean over points and channels of the squared error
  double relative_l2 = 0;  // |e| / |u|, 2-norms over points and channels; |e| where u = 0
  double max = 0;          // largest absolute error
};
FrameError frame_error(std::span<const float> forecast, std::span<const float> truth);

struct ErrorTable {
  std::vector<double> times;                    // of the compared frames
  std::vector<Window> windows;                  // what they were to the model
  int trajectories = 1;                         // of the reference
  std::vector<std::string> names;               // of the forecasters
  std::vector<std::vector<FrameError>> errors;  // [forecaster][trajectory x times + time]

  // Over the trajectories: means of mse and relative_l2, the largest max.
  FrameError mean(std::size_t forecaster, std::size_t time) const;
};

// COLLECTIVE. Every forecaster at those of `times` that the reference has; frames are shared out over ranks,
// and the result does not depend on how.
ErrorTable compare(const Context& context, const Reference& reference, const hyper::ModelFacts& facts,
                   const std::vector<double>& times, const std::vector<Forecaster*>& forecasters);

// Means over the frames of each window, and the valid time: the first Out-t frame whose relative L2 exceeds
// the threshold. One string, several lines.
std::string summary(const ErrorTable& table, double valid_threshold);

}  // namespace hypercast::forecast
