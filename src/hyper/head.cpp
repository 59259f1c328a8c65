#include "hyper/head.hpp"

#include <Eigen/Core>
#include <cmath>

namespace hypercast::hyper {

namespace {

template <class Real>
using RowMajor = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// Root mean square of a block of theta.
template <class Real>
double typical_size(std::span<const Real> values) {
  double sum = 0;
  for (const Real v : values) sum += static_cast<double>(v) * v;
  return std::sqrt(sum / static_cast<double>(values.size()));
}

}  // namespace

HeadRegistry head_registry() {
  HeadRegistry registry("head");
  register_heads(registry);
  return registry;
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
  const std::size_t count = h.size() / width;
  const Real* bias = w.data() + rows * width;
  for (std::size_t t = 0; t < count; ++t) std::copy(bias, bias + rows, y.begin() + t * rows);
  Eigen::Map<RowMajor<Real>>(y.data(), count, rows).noalias() +=
      Eigen::Map<const RowMajor<Real>>(h.data(), count, width) *
      Eigen::Map<const RowMajor<Real>>(w.data(), rows, width).transpose();
}

template <class Real>
void Affine<Real>::backward(std::span<const Real> w, std::span<const Real> h, std::span<const Real> dy,
                            std::span<Real> dw, std::span<Real> dh) const {
  const std::size_t count = h.size() / width;
  const Eigen::Map<const RowMajor<Real>> d(dy.data(), count, rows), conditions(h.data(), count, width);
  if (!dw.empty()) {
    Eigen::Map<RowMajor<Real>>(dw.data(), rows, width).noalias() += d.transpose() * conditions;
    Real* d_bias = dw.data() + rows * width;
    for (std::size_t t = 0; t < count; ++t)
      for (std::size_t i = 0; i < rows; ++i) d_bias[i] += dy[t * rows + i];
  }
  Eigen::Map<RowMajor<Real>>(dh.data(), count, width).noalias() +=
      d * Eigen::Map<const RowMajor<Real>>(w.data(), rows, width);
}

template struct Affine<float>;
template struct Affine<double>;

}  // namespace hypercast::hyper
