#pragma once
// Where forecasts of a model with codes start: codes that are fitted to what was observed.

#include <vector>

#include "deck/app.hpp"
#include "forecast/options.hpp"
#include "forecast/reference.hpp"
#include "hyper/model.hpp"
#include "hyper/observed.hpp"

namespace hypercast::forecast {

struct CodeStarts {
  int trajectories = 1;
  bool from_reference = true;
  hyper::Observed observed;                // of the reference's first frames
  std::vector<double> times;               // of observation, rising
  std::vector<std::vector<double>> codes;  // [time][trajectory x d]
  std::vector<double> parameters;          // [trajectory][p], of the equation
};

// COLLECTIVE. Fits codes: to [forecast] observations, each of whose times starts the forecast anew; without
// them to the reference's frame at the start of the window, at the points of [forecast] observed. UserError:
// Exit::data when there is neither, Exit::refused when the model has no codes.
CodeStarts find_codes(const Study& study, const hyper::Model<double>& model, std::span<const float> phi,
                      const Reference* reference);

}  // namespace hypercast::forecast
