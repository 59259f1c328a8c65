#pragma once
// The readouts of frames by least squares, for features that are given: u = C phi(theta_h, x) + b, one
// factorised system for all frames and channels observed at the same points.

#include "core/buffer.hpp"
#include "hyper/inr.hpp"
#include "nn/packed.hpp"

namespace hypercast::hyper {

class ReadoutFit {
 public:
  // The INR is borrowed. Owns its workspace.
  explicit ReadoutFit(const Inr<float>& inr);

  // readouts[F][readout] for targets[n][F][channels] at x[n][inputs]. Normal equations in double of features
  // in single precision; a ridge of 1e-7 of the features' mean square holds coefficients that points cannot
  // tell apart.
  void solve(std::span<const float> hidden, std::span<const float> x, std::span<const float> targets,
             std::span<float> readouts);

 private:
  const Inr<float>& inr_;
  nn::Packed<float> packed_;
  Buffer<float> tape_, phi_;  // of a block of points
};

}  // namespace hypercast::hyper
