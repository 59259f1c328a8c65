#pragma once
// Where forecasts of a model with codes start: codes that are fitted to what was observed.

#include <vector>

#include "deck/app.hpp"
#include "forecast/options.hpp"
#include "forecast/reference.hpp"
#include "hyper/model.hpp"
#include "hyper/observed.hpp"
#include "io/observations.hpp"

namespace hypercast::forecast {

struct CodeStarts {
  int trajectories = 1;
  bool from_reference = true;
  hyper::Observed observed;                // of the reference's first frames
  std::vector<double> times;               // of observation, rising
  std::vector<std::vector<double>> codes;  // [time][trajectory x d]
  std::vector<double> parameters;          // [trajectory][p], of the equation
};

// COLLECTIVE. What [forecast] observations names, times rising; nothing when it names no file. UserError: see
// io::read_observations.
std::vector<io::Observed> given_observations(const Study& study, const hyper::ModelFacts& facts);

// When forecasts from them, or without them from a reference, begin.
double begins(const std::vector<io::Observed>& observations, const hyper::ModelFacts& facts);

// COLLECTIVE. Fits codes: to observations, each of whose times starts the forecast anew; without them to the
// reference's frame at the start of the window, at the points of [forecast] observed. UserError: Exit::data
// when there is neither, or nobody tells the parameters of the equation (the reference or, for observations,
// [forecast] parameters); Exit::refused when the model has no codes.
CodeStarts find_codes(const Study& study, const hyper::Model<double>& model, std::span<const float> phi,
                      const Reference* reference, const std::vector<io::Observed>& observations);

}  // namespace hypercast::forecast
