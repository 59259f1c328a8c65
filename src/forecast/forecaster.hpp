#pragma once
// Whatever predicts fields: a model in one of its modes, or a baseline. The tables treat all alike.

#include <limits>
#include <span>
#include <string>

namespace hypercast::forecast {

class Forecaster {
 public:
  virtual ~Forecaster() = default;
  virtual std::string name() const = 0;
  // The field of a trajectory (counted through those of the reference) at time t, or that of function t, on
  // the points the forecaster was made for, in physical units: values[point][channel]. Any rank may ask for
  // any; no communication.
  virtual void forecast(int trajectory, double t, std::span<float> values) = 0;

  // Whether it has an opinion on its own error: the standard deviation over an ensemble, laid out as above.
  virtual bool has_spread() const { return false; }
  virtual void spread(int /*trajectory*/, double /*t*/, std::span<float> /*values*/) {}

  // The last time before what carries the forecast leaves all bounds; later values may be NaN.
  virtual double bounded_until(int /*trajectory*/) const { return std::numeric_limits<double>::infinity(); }
};

}  // namespace hypercast::forecast
