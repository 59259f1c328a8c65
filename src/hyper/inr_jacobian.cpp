#include "hyper/inr_jacobian.hpp"

#include <Eigen/Core>
#include <algorithm>

namespace hypercast::hyper {

template <class Real>
using RowMajor = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

template <class Real>
InrJacobian<Real>::InrJacobian(const Inr<Real>& inr)
    : inr_(inr),
      packed_(inr.features()),
      tape_(inr.features().tape_size(point_block)),
      phi_(point_block * inr.features().outputs()),
      d_phi_(phi_.size()) {}

template <class Real>
void InrJacobian<Real>::rows(std::span<const Real> theta, std::span<const Real> x, std::span<Real> rows) {
  const auto& features = inr_.features();
  const std::size_t channels = inr_.channels(), width = features.outputs(), inputs = inr_.inputs(),
                    all = inr_.params(), hidden = inr_.hidden(), points = x.size() / inputs;
  std::fill(rows.begin(), rows.end(), Real(0));
  hidden_.resize(point_block * hidden);
  const auto packed = packed_.pack(theta.first(inr_.hidden()));
  for (std::size_t at = 0; at < points; at += point_block) {
    const std::size_t n = std::min(point_block, points - at);
    const auto block = x.subspan(at * inputs, n * inputs);
    const auto phi = std::span(phi_).first(n * width), d_phi = std::span(d_phi_).first(n * width);
    const auto d_hidden = std::span(hidden_).first(n * hidden);
    features.forward(packed, block, phi, tape_);
    for (std::size_t k = 0; k < channels; ++k) {
      const auto c = theta.subspan(hidden + k * width, width);
      for (std::size_t i = 0; i < n; ++i) std::copy(c.begin(), c.end(), d_phi.data() + i * width);
      if (hidden > 0) features.backward_rows(theta.first(hidden), block, tape_, d_phi, d_hidden);
      for (std::size_t i = 0; i < n; ++i) {
        Real* row = rows.data() + ((at + i) * channels + k) * all;
        std::copy_n(hidden_.data() + i * hidden, hidden, row);
        std::copy_n(phi.data() + i * width, width, row + hidden + k * width);
        row[all - channels + k] = 1;
      }
    }
  }
}

template <class Real>
void InrJacobian<Real>::readout_rows(std::span<const Real> theta, std::span<const Real> x,
                                     std::span<Real> rows) {
  const auto& features = inr_.features();
  const std::size_t channels = inr_.channels(), width = features.outputs(), inputs = inr_.inputs(),
                    all = inr_.readout(), points = x.size() / inputs;
  std::fill(rows.begin(), rows.end(), Real(0));
  const auto packed = packed_.pack(theta.first(inr_.hidden()));
  for (std::size_t at = 0; at < points; at += point_block) {
    const std::size_t n = std::min(point_block, points - at);
    features.forward(packed, x.subspan(at * inputs, n * inputs), std::span(phi_).first(n * width), tape_);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t k = 0; k < channels; ++k) {
        const auto row = rows.subspan(((at + i) * channels + k) * all, all);
        std::copy_n(phi_.data() + i * width, width, row.data() + k * width);
        row[all - channels + k] = 1;
      }
  }
}

// du = dC phi + C dphi + db
template <class Real>
void InrJacobian<Real>::multiply(std::span<const Real> theta, std::span<const Real> x,
                                 std::span<const Real> v, std::span<Real> out) {
  const auto& features = inr_.features();
  const std::size_t channels = inr_.channels(), width = features.outputs(), inputs = inr_.inputs(),
                    hidden = inr_.hidden(), points = x.size() / inputs;
  const Eigen::Map<const RowMajor<Real>> c(theta.data() + hidden, channels, width);
  const Eigen::Map<const RowMajor<Real>> d_c(v.data() + hidden, channels, width);
  const Eigen::Map<const Eigen::Matrix<Real, 1, Eigen::Dynamic>> d_b(v.data() + hidden + channels * width,
                                                                     channels);
  const auto packed = packed_.pack(theta.first(inr_.hidden()));
  for (std::size_t at = 0; at < points; at += point_block) {
    const std::size_t n = std::min(point_block, points - at);
    const auto block = x.subspan(at * inputs, n * inputs);
    const auto phi = std::span(phi_).first(n * width), d_phi = std::span(d_phi_).first(n * width);
    features.forward(packed, block, phi, tape_);
    Eigen::Map<RowMajor<Real>> u(out.data() + at * channels, n, channels);
    u.rowwise() = d_b;
    u.noalias() += Eigen::Map<const RowMajor<Real>>(phi.data(), n, width) * d_c.transpose();
    if (hidden == 0) continue;
    features.tangent(theta.first(hidden), block, v.first(hidden), tape_, d_phi);
    u.noalias() += Eigen::Map<const RowMajor<Real>>(d_phi.data(), n, width) * c.transpose();
  }
}

template <class Real>
void InrJacobian<Real>::multiply_transposed(std::span<const Real> theta, std::span<const Real> x,
                                            std::span<const Real> r, std::span<Real> out) {
  const auto& features = inr_.features();
  const std::size_t channels = inr_.channels(), width = features.outputs(), inputs = inr_.inputs(),
                    hidden = inr_.hidden(), points = x.size() / inputs;
  const Eigen::Map<const RowMajor<Real>> c(theta.data() + hidden, channels, width);
  Eigen::Map<RowMajor<Real>> d_c(out.data() + hidden, channels, width);
  Eigen::Map<Eigen::Matrix<Real, Eigen::Dynamic, 1>> d_b(out.data() + hidden + channels * width, channels);
  const auto packed = packed_.pack(theta.first(inr_.hidden()));
  const auto d_packed = packed_.begin_gradient(out.first(hidden));
  for (std::size_t at = 0; at < points; at += point_block) {
    const std::size_t n = std::min(point_block, points - at);
    const auto block = x.subspan(at * inputs, n * inputs);
    const auto phi = std::span(phi_).first(n * width), d_phi = std::span(d_phi_).first(n * width);
    features.forward(packed, block, phi, tape_);
    const Eigen::Map<const RowMajor<Real>> e(r.data() + at * channels, n, channels);
    d_c.noalias() += e.transpose() * Eigen::Map<const RowMajor<Real>>(phi.data(), n, width);
    d_b += e.colwise().sum().transpose();
    Eigen::Map<RowMajor<Real>>(d_phi.data(), n, width).noalias() = e * c;
    features.backward(packed, block, tape_, d_phi, d_packed, {});
  }
  packed_.end_gradient(out.first(hidden));
}

template class InrJacobian<float>;
template class InrJacobian<double>;

}  // namespace hypercast::hyper
