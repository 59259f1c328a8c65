#pragma once
// What a model H(t, mu) must beat on parameters that it has not seen. All baselines know what it learned
// from: the frames of the training window, held-out times included, of the training trajectories, and the
// parameters of each. Nothing is known of the trajectories that are forecast but their parameters.

#include <memory>

#include "forecast/ensemble_baselines.hpp"

namespace hypercast::forecast {

struct ParametricKnowledge {
  FrameSpans training;                      // trajectory by trajectory; must outlive the baselines
  std::vector<double> times;                // of the frames of each, rising
  std::vector<std::vector<double>> mu;      // of each training trajectory, parameters scaled alike
  std::vector<std::vector<double>> wanted;  // of each trajectory that is forecast, likewise
};

// zero           nothing
// time_mean      the mean of all training frames
// nearest        the training trajectory with the nearest parameters
// interpolation  between the two training trajectories whose parameter lies next to the wanted one, linear;
//                beyond the outermost ones the line through the last two goes on. With one parameter that has
//                two values or more; trajectories of one value count as their mean
// The last two take values between frames of the window from both by linear interpolation in time, and hold
// the first and the last frame beyond it.
std::vector<std::unique_ptr<Forecaster>> parametric_baselines(const ParametricKnowledge& known);

}  // namespace hypercast::forecast
