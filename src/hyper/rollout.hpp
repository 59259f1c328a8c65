#pragma once
// Codes rolled out over many frames by latent dynamics: with gradients for training, and guarded for
// forecasts.

#include "hyper/dynamics.hpp"

namespace hypercast::hyper {

// B sequences over at most `frames` frames, with the memory of a backward pass through all of them.
template <class Real>
class Rollout {
 public:
  // The dynamics are borrowed.
  Rollout(const Dynamics<Real>& dynamics, std::size_t code, std::size_t rows, std::size_t frames);

  // From start[B][d] with mu[B][p] over `frames` steps of one frame interval.
  void forward(std::span<const Real> w, std::span<const Real> start, std::span<const Real> mu,
               std::size_t frames);
  // Code k of the last forward pass, [B][d]; 0 is the start.
  std::span<const Real> codes(std::size_t k) const { return std::span(codes_).subspan(k * size_, size_); }
  // dL/d codes(k) apart from what follows from later frames; the caller writes all of them, 1 to frames.
  std::span<Real> d_codes(std::size_t k) { return std::span(d_codes_).subspan(k * size_, size_); }
  // ADDS dL/dpsi to dw. d_codes(0) becomes dL/d start. Once after each forward pass.
  void backward(std::span<const Real> w, std::span<const Real> mu, std::span<Real> dw);

 private:
  const Dynamics<Real>& dynamics_;
  std::size_t size_, tape_size_, frames_ = 0;
  Buffer<Real> codes_, d_codes_, tape_, carried_;
};

// Scaled codes at given times from start[B][d] at time 0: codes[K][B][d] for times[K] in frame intervals,
// increasing and not negative. Whole frames are taken as in training, a remainder by one shorter step. A
// sequence whose code is not finite or whose norm exceeds `bound` at a whole frame or a time asked for is NaN
// from there on. Returns for each sequence how many of the times it stayed bounded.
template <class Real>
std::vector<std::size_t> forecast_codes(const Dynamics<Real>& dynamics, std::span<const Real> w,
                                        std::span<const Real> start, std::span<const Real> mu,
                                        std::size_t rows, std::span<const double> times, double bound,
                                        std::span<Real> codes);

}  // namespace hypercast::hyper
