#pragma once
// The weights of the INR over time, which is what the modes of forecasting differ in; all else they share.
//
//   direct     theta(t) = H(t)
//   latent     theta(t) = H(z(t)),  z follows learned dynamics
//   galerkin   theta(t) follows the PDE

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "core/buffer.hpp"
#include "hyper/observed.hpp"

namespace hypercast::forecast {

class Reference;

class WeightPath {
 public:
  virtual ~WeightPath() = default;
  virtual int trajectories() const { return 1; }
  // An ensemble of paths; the forecast is the mean of their fields.
  virtual int members() const { return 1; }
  // COLLECTIVE. What has to be done together before weights are asked for, up to the time `latest`. The
  // reference is null when none is at hand. False when a signal asked to stop.
  virtual bool prepare(double /*latest*/, const Reference* /*reference*/) { return true; }
  // theta [P]. No communication.
  virtual Buffer<float> weights(int trajectory, int member, double t) = 0;
  // What of the reference's first frames it was allowed to see, once it is prepared; null when it does not
  // start from them.
  virtual const hyper::Observed* observed_start() const { return nullptr; }
  // The earliest time that weights can be asked for; known before prepare().
  virtual double begins() const { return -std::numeric_limits<double>::infinity(); }
  // Numbers of the equation, by name, that H or the dynamics were given for a trajectory; empty: it depends
  // on none.
  virtual std::vector<std::pair<std::string, double>> parameters(int /*trajectory*/) const { return {}; }
  // See Forecaster.
  virtual double bounded_until(int /*trajectory*/, int /*member*/) const {
    return std::numeric_limits<double>::infinity();
  }
};

}  // namespace hypercast::forecast
