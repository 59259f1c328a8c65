#pragma once
// The one place where a frame's forward pass, loss and backward pass happen: block by block of points, with
// all activations of a block in cache (nn/kernels/kernels.hpp).
//
// A leaf is F frames that share theta_h and the points; each has its own readout. Frames whose theta is all
// their own are leaves of F = 1. Points go in order, block by block, so the sums have one fixed order.

#include "core/buffer.hpp"
#include "hyper/inr.hpp"
#include "hyper/readout.hpp"
#include "nn/packed.hpp"

namespace hypercast::hyper {

template <class Real>
class FramePass {
 public:
  explicit FramePass(const Inr<Real>& inr, std::size_t most_frames);

  struct Leaf {
    std::span<const Real> hidden;    // theta_h
    std::span<const Real> readouts;  // [F][readout]
    std::span<const Real> x;         // [n][inputs]
    std::span<const Real> targets;   // [n][F][channels]
    std::span<const Real> weights;   // [F], of each frame in the loss
  };
  // losses[f] = the frame's mean squared error over points and channels. ADDS the gradient of
  // sum_f weights[f] losses[f] to d_hidden[theta_h] and d_readouts[F][readout].
  void run(const Leaf& leaf, std::span<double> losses, std::span<Real> d_hidden, std::span<Real> d_readouts);

 private:
  // phi of the block -> its errors, losses, and what the readouts' gradients and d_phi gain.
  void read_out(std::size_t rows, const Leaf& leaf, std::size_t at, std::span<double> losses);

  const Inr<Real>& inr_;
  Readout<Real> readout_;
  nn::Packed<Real> packed_;
  Buffer<Real> tape_, phi_, d_phi_, error_;
  Buffer<Real> d_weights_, d_biases_;  // of all frames' readouts: [F channels][padded K], [F channels]
};

}  // namespace hypercast::hyper
