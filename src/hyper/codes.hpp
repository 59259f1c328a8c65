#pragma once
// Codes over time, as dynamics learn them.

#include <cstddef>
#include <span>
#include <vector>

#include "core/buffer.hpp"

namespace hypercast::hyper {

// Sequences of frames that lie one frame interval apart: codes[count][frames][code], and the parameters of
// the equation, mu[count][parameters], one set a sequence. Borrowed.
struct CodeSequences {
  std::size_t count = 0;
  std::size_t frames = 0;
  std::size_t code = 0;        // d
  std::size_t parameters = 0;  // p
  std::span<const float> codes, mu;

  std::span<const float> frame(std::size_t sequence, std::size_t k) const {
    return codes.subspan((sequence * frames + k) * code, code);
  }
  std::span<const float> mu_of(std::size_t sequence) const {
    return mu.subspan(sequence * parameters, parameters);
  }
  // Sequences [begin, end).
  CodeSequences part(std::size_t begin, std::size_t end) const;
};

// How codes and parameters are scaled before dynamics see them: y = (z - mean) / scale and
// (mu - mu_mean) / mu_scale. One scale serves all components, since codes are orthonormal coordinates of the
// field: a mean square in y is a mean square of the field in other units. Scaled codes have mean square one,
// averaged over components and frames. Kept in the checkpoint, since it shapes the dynamics.
struct CodeScaling {
  std::vector<double> mean;       // [d]
  double scale = 1;               // above 0
  std::vector<double> deviation;  // [d] of each component of y over the training frames
  double largest_norm = 0;        // of y over the training frames
  std::vector<double> mu_mean, mu_scale;

  // Of the training sequences. A parameter that never changes has scale 1.
  static CodeScaling of(const CodeSequences& sequences);

  std::size_t code() const { return mean.size(); }
  std::size_t parameters() const { return mu_mean.size(); }
  // y of z, and back; any number of rows; in and out may be the same array.
  template <class Real>
  void scaled(std::span<const Real> z, std::span<Real> y) const;
  template <class Real>
  void restored(std::span<const Real> y, std::span<Real> z) const;
  template <class Real>
  void scaled_mu(std::span<const Real> mu, std::span<Real> out) const;
};

}  // namespace hypercast::hyper
