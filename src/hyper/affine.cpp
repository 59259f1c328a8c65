#include "hyper/affine.hpp"

#include <algorithm>
#include <cmath>

#include "nn/kernels/kernels.hpp"

namespace hypercast::hyper {

using nn::padded;

namespace {

constexpr std::size_t chain = 64;      // rows whose products are added up in registers
constexpr std::size_t row_block = 24;  // rows whose products stay in the first cache

// Root mean square of a block of theta.
template <class Real>
double typical_size(std::span<const Real> values) {
  double sum = 0;
  for (const Real v : values) sum += static_cast<double>(v) * v;
  return std::sqrt(sum / static_cast<double>(values.size()));
}

}  // namespace

template <class Real>
void transpose_conditions(std::span<const Real> h, std::size_t width, Buffer<Real>& transposed) {
  const std::size_t count = h.size() / width, stride = padded<Real>(count);
  transposed.resize(width * stride);
  for (std::size_t t = 0; t < count; ++t)
    for (std::size_t k = 0; k < width; ++k) transposed[k * stride + t] = h[t * width + k];
}

// Lanes are conditions, so that rows of W are read as they lie.
template <class Real>
void AffineRows<Real>::forward(std::size_t conditions, std::span<const Real> transposed, Real* y,
                               std::size_t stride) const {
  const std::size_t lanes = padded<Real>(conditions);
  Buffer<Real> block(row_block * lanes);
  for (std::size_t row = 0; row < rows; row += row_block) {
    const std::size_t some = std::min(row_block, rows - row);
    nn::kernels<Real>().multiply_stream(some, width, conditions, weights + row * width,
                                        {transposed.data(), lanes}, {block.data(), lanes});
    for (std::size_t t = 0; t < conditions; ++t)
      for (std::size_t i = 0; i < some; ++i) y[t * stride + row + i] = block[i * lanes + t] + bias[row + i];
  }
}

template <class Real>
void AffineRows<Real>::backward(std::size_t conditions, const Real* dy, std::size_t stride, Real* dh) const {
  for (std::size_t row = 0; row < rows; row += chain)
    nn::kernels<Real>().multiply(conditions, std::min(chain, rows - row), width, {dy + row, stride},
                                 {weights + row * width, width}, {dh, width}, {dh, width});
}

template <class Real>
void add_affine_gradient(std::size_t rows, std::size_t width, std::size_t conditions, const Real* dy,
                         std::size_t stride, const Real* h, Real* g) {
  nn::kernels<Real>().multiply_transposed(rows, conditions, width, {dy, stride}, {h, width}, {g, width},
                                          {g, width});
}

template <class Real>
void Affine<Real>::initialise(std::span<Real> w, std::span<const Real> start,
                              std::span<const nn::Block> blocks, double scale, const Random& random) const {
  const std::size_t base = blocks.front().offset;
  for (const auto& block : blocks) {
    const std::size_t first = block.offset - base;
    const double size = scale * typical_size(start.subspan(first, block.size())) / std::sqrt(double(width));
    for (std::size_t i = first * width; i < (first + block.size()) * width; ++i)
      w[i] = static_cast<Real>(size * random.normal(i));
  }
  std::copy(start.begin(), start.end(), w.begin() + rows * width);
}

template <class Real>
void Affine<Real>::forward(std::span<const Real> w, std::span<const Real> h, std::span<Real> y) const {
  Buffer<Real> transposed;
  transpose_conditions(h, width, transposed);
  AffineRows<Real>{rows, width, w.data(), w.data() + rows * width}.forward(h.size() / width, transposed,
                                                                           y.data(), rows);
}

template <class Real>
void Affine<Real>::backward(std::span<const Real> w, std::span<const Real> h, std::span<const Real> dy,
                            std::span<Real> dw, std::span<Real> dh) const {
  const std::size_t count = h.size() / width;
  AffineRows<Real>{rows, width, w.data(), nullptr}.backward(count, dy.data(), rows, dh.data());
  if (dw.empty()) return;
  add_affine_gradient(rows, width, count, dy.data(), rows, h.data(), dw.data());
  Real* d_bias = dw.data() + rows * width;
  for (std::size_t t = 0; t < count; ++t)
    for (std::size_t i = 0; i < rows; ++i) d_bias[i] += dy[t * rows + i];
}

template void transpose_conditions(std::span<const float>, std::size_t, Buffer<float>&);
template void transpose_conditions(std::span<const double>, std::size_t, Buffer<double>&);
template struct AffineRows<float>;
template struct AffineRows<double>;
template void add_affine_gradient(std::size_t, std::size_t, std::size_t, const float*, std::size_t,
                                  const float*, float*);
template void add_affine_gradient(std::size_t, std::size_t, std::size_t, const double*, std::size_t,
                                  const double*, double*);
template struct Affine<float>;
template struct Affine<double>;

}  // namespace hypercast::hyper
