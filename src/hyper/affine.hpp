#pragma once
// An affine map y = W h + b of many conditions at once, whole or by stretches of its rows: the piece that all
// heads share, and where most of a hypernetwork's parameters live.
//
// W [rows][width], b [rows]; h [T][width]; y [T][rows]. A stretch of rows is computed by itself, on whichever
// rank owns it, and gives the same bits as the whole: see nn/kernels/kernels.hpp.

#include <cstddef>
#include <span>

#include "core/buffer.hpp"
#include "core/random.hpp"
#include "nn/function.hpp"

namespace hypercast::hyper {

// h' with rows padded: how conditions enter the forward pass.
template <class Real>
void transpose_conditions(std::span<const Real> h, std::size_t width, Buffer<Real>& transposed);

// `rows` rows of a map, borrowed.
template <class Real>
struct AffineRows {
  std::size_t rows, width;
  const Real* weights;  // [rows][width]
  const Real* bias;     // [rows]

  // y[t][0 .. rows) for T conditions; rows of y are `stride` apart.
  void forward(std::size_t conditions, std::span<const Real> transposed, Real* y, std::size_t stride) const;
  // dh[T][width] += dy W, a chain over the rows
  void backward(std::size_t conditions, const Real* dy, std::size_t stride, Real* dh) const;
};

// g[rows][width] += dy' h: the gradient of `rows` rows of W.
template <class Real>
void add_affine_gradient(std::size_t rows, std::size_t width, std::size_t conditions, const Real* dy,
                         std::size_t stride, const Real* h, Real* g);

// How a map begins, row by row, so that any stretch of its rows can be made without the others.
template <class Real>
struct AffineStart {
  Buffer<double> spread;  // standard deviation of the entries of W, which are normal; rows behind it are zero
  Buffer<Real> bias;      // [rows]
  // [begin, end) of `rows`.
  void make(std::size_t begin, std::size_t end, std::size_t width, const Random& random,
            std::span<Real> weights, std::span<Real> biases) const;
};

// For entries of h of size one: the spread with which (W h)_i varies by `scale` times the typical size of its
// block in `values`, which begin with the first block.
template <class Real>
Buffer<double> row_spread(std::span<const Real> values, std::span<const nn::Block> blocks, double scale,
                          std::size_t width);

// The map whose parameters are w = [W | b].
template <class Real>
struct Affine {
  std::size_t rows, width;
  std::size_t params() const { return rows * (width + 1); }
  void forward(std::span<const Real> w, std::span<const Real> h, std::span<Real> y) const;
  // ADDS to dw, unless it is empty, and to dh.
  void backward(std::span<const Real> w, std::span<const Real> h, std::span<const Real> dy,
                std::span<Real> dw, std::span<Real> dh) const;
};

}  // namespace hypercast::hyper
