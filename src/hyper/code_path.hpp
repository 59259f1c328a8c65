#pragma once
// The way of a code: whole frames by the trained flow, as long as it stays within bounds, and any time
// between.
//
// Between frames, dynamics that are exact in time are asked themselves. Trained ones know whole frames best,
// since rollouts teach nothing else: there a cubic through the four nearest frames stands for them.

#include <vector>

#include "hyper/dynamics.hpp"

namespace hypercast::hyper {

template <class Real>
class CodePath {
 public:
  // From the scaled code start[d] over `frames` frame intervals (fewer when it leaves the norm `bound` or is
  // not finite). Everything is borrowed.
  CodePath(const Dynamics<Real>& dynamics, std::span<const Real> w, std::span<const Real> start,
           std::span<const Real> mu, std::size_t frames, double bound);

  bool is_bounded() const { return bounded_; }
  std::size_t frames() const { return codes_.size() - 1; }  // that it stayed within bounds
  // The scaled code at t frame intervals after the start, t >= 0; NaN where it is lost. Beyond the frames
  // asked for is an Error.
  Buffer<Real> at(double t) const;

 private:
  Buffer<Real> step(const Buffer<Real>& y, double dt) const;
  Buffer<Real> between(double t) const;

  const Dynamics<Real>& dynamics_;
  std::span<const Real> w_, mu_;
  std::vector<Buffer<Real>> codes_;
  bool bounded_ = true;
};

}  // namespace hypercast::hyper
