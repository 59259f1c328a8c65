#pragma once
// Codes rolled out over many frames by latent dynamics, with gradients for training. Forecasts:
// code_path.hpp.

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

}  // namespace hypercast::hyper
