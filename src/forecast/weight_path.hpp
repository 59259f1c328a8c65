#pragma once
// The weights of the INR over time, which is what the modes of forecasting differ in; all else they share.
//
//   direct     theta(t) = H(t)
//   latent     theta(t) = H(z(t)),  z follows learned dynamics
//   galerkin   theta(t) follows the PDE

#include <limits>

#include "core/buffer.hpp"

namespace hypercast::forecast {

class WeightPath {
 public:
  virtual ~WeightPath() = default;
  virtual int trajectories() const { return 1; }
  // An ensemble of paths; the forecast is the mean of their fields.
  virtual int members() const { return 1; }
  // theta [P]. No communication.
  virtual Buffer<float> weights(int trajectory, int member, double t) = 0;
  // See Forecaster.
  virtual double bounded_until(int /*trajectory*/, int /*member*/) const {
    return std::numeric_limits<double>::infinity();
  }
};

}  // namespace hypercast::forecast
