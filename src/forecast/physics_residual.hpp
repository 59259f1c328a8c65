#pragma once
// How well a forecast obeys its equation: |du/dt - F(t, u)| / |F(t, u)| at each time, 2-norms over points and
// channels of the model's grid, where a channel counts in units of its scale in the training data. du/dt is a
// central difference of the forecast itself (where that begins: a forward one). It needs no reference, so it
// also speaks where there is no truth: about 1, and what changes in the field has nothing to do with the
// equation.

#include <vector>

#include "core/context.hpp"
#include "forecast/equation.hpp"
#include "forecast/weight_path.hpp"

namespace hypercast::forecast {

// Half the width of the difference: a tenth of the time between frames.
double difference_step(const hyper::ModelFacts& facts);

// COLLECTIVE. The mean over the trajectories of the path at each time; frames are shared out over the ranks.
// The path is asked for times up to two steps of difference_step() beyond. Needs a PetscSession.
std::vector<double> physics_residual(const Context& context, Equation& equation,
                                     const hyper::Model<float>& model, WeightPath& path,
                                     const Reference* reference, const std::vector<double>& times);

// Its means over the frames of each window, in a line.
std::string residual_summary(const std::vector<Window>& windows, const std::vector<double>& residual);

}  // namespace hypercast::forecast
