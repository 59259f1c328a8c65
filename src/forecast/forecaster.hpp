#pragma once
// Whatever predicts fields: a model in one of its modes, or a baseline. The tables treat all alike.

#include <span>
#include <string>

namespace hypercast::forecast {

class Forecaster {
 public:
  virtual ~Forecaster() = default;
  virtual std::string name() const = 0;
  // The field at time (or function number) t on the points the forecaster was made for, in physical units:
  // values[point][channel]. Any rank may ask for any time; no communication.
  virtual void forecast(double t, std::span<float> values) = 0;
};

}  // namespace hypercast::forecast
