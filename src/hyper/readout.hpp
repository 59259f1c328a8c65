#pragma once
// The last, linear layer of an INR, of one or several frames at once: u = C phi + b with C[columns][K],
// columns = frames x channels.

#include <span>

#include "core/buffer.hpp"
#include "nn/kernels/kernels.hpp"

namespace hypercast::hyper {

template <class Real>
class Readout {
 public:
  Readout(std::size_t width, std::size_t channels, std::size_t most_frames);

  // readouts[F][channels K | channels]: of each frame C and b.
  void set(std::span<const Real> readouts);
  std::size_t columns() const { return columns_; }
  std::size_t padded_width() const { return padded_; }

  // u[rows][columns] for phi[rows][K]; with slack behind phi.
  void apply(std::size_t rows, const Real* phi, Real* u) const;
  // d_phi[rows][K] = d_u C
  void apply_transposed(std::size_t rows, const Real* d_u, Real* d_phi) const;

 private:
  std::size_t width_, padded_, channels_, columns_ = 0;
  bool narrow_ = true;                  // few columns: products of rows with rows
  Buffer<Real> rows_, columns_of_, b_;  // C [columns][padded K], C' [K][padded columns], b
};

}  // namespace hypercast::hyper
