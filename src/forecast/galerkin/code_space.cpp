#include "forecast/galerkin/code_space.hpp"

#include <Eigen/Core>
#include <algorithm>

namespace hypercast::forecast {

namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using View = Eigen::Map<const Matrix>;
using VectorView = Eigen::Map<const Eigen::VectorXd>;

}  // namespace

CodeSpace::CodeSpace(const hyper::Model<double>& model, std::span<const double> phi,
                     std::span<const double> mu)
    : model_(model),
      phi_(phi),
      mu_(mu.begin(), mu.end()),
      size_(model.hypernetwork.inputs() - mu.size()),
      first_(model.hypernetwork.head().shared()),
      affine_(model.hypernetwork.head().moves_readout_only() && !model.hypernetwork.has_trunk()),
      jacobian_(model.inr),
      theta_(model.inr.params()),
      direction_(model.inr.params()) {}

void CodeSpace::weights(std::span<const double> z, std::span<double> theta) const {
  Buffer<double> c(z.begin(), z.end());
  c.insert(c.end(), mu_.begin(), mu_.end());
  const auto found = model_.hypernetwork.weights(phi_, c);
  std::copy(found.begin(), found.end(), theta.begin());
}

// One batch of codes z +- step e_k.
void CodeSpace::differentiate(std::span<const double> z, double step) {
  Buffer<double> codes;
  for (std::size_t k = 0; k < size_; ++k)
    for (const double sign : {1.0, -1.0}) {
      codes.insert(codes.end(), z.begin(), z.end());
      codes[codes.size() - size_ + k] += sign * step;
      codes.insert(codes.end(), mu_.begin(), mu_.end());
    }
  const auto all = model_.hypernetwork.weights(phi_, codes);
  const std::size_t params = theta_.size(), own = params - first_;
  slope_.resize(size_ * own);
  for (std::size_t k = 0; k < size_; ++k)
    for (std::size_t i = 0; i < own; ++i)
      slope_[k * own + i] =
          (all[2 * k * params + first_ + i] - all[(2 * k + 1) * params + first_ + i]) / (2 * step);
}

void CodeSpace::move_to(std::span<const double> z) {
  if (std::equal(z.begin(), z.end(), place_.begin(), place_.end())) return;
  const bool first = place_.empty();
  place_.assign(z.begin(), z.end());
  weights(z, theta_);
  if (affine_) {
    if (first) differentiate(Buffer<double>(size_), 1);
  } else {
    differentiate(z, 1e-5);
  }
}

const CodeSpace::Affine& CodeSpace::affine_at(std::span<const double> x) {
  auto& known = known_[{x.data(), x.size()}];
  if (std::equal(x.begin(), x.end(), known.x.begin(), known.x.end()) && !known.x.empty()) return known;
  const Buffer<double> zero(size_);
  const std::size_t count = x.size() / inputs() * channels();
  known.x.assign(x.begin(), x.end());
  known.origin.resize(count);
  known.rows.resize(count * size_);
  Buffer<double> theta(theta_.size());
  weights(zero, theta);
  model_.inr.evaluate(theta, x, known.origin);
  compute_jacobian(zero, x, known.rows);
  return known;
}

void CodeSpace::jacobian(std::span<const double> z, std::span<const double> x, std::span<double> rows) {
  if (!affine_) return compute_jacobian(z, x, rows);
  const auto& known = affine_at(x);
  std::copy(known.rows.begin(), known.rows.end(), rows.begin());
}

void CodeSpace::field(std::span<const double> z, std::span<const double> x, std::span<double> u) {
  if (affine_ && !x.empty()) {
    const auto& known = affine_at(x);
    std::copy(known.origin.begin(), known.origin.end(), u.begin());
    Eigen::Map<Eigen::VectorXd>(u.data(), u.size()).noalias() +=
        View(known.rows.data(), u.size(), size_) * VectorView(z.data(), size_);
    return;
  }
  Buffer<double> theta(theta_.size());
  weights(z, theta);
  model_.inr.evaluate(theta, x, u);
}

// rows = (J_theta's moving columns) slope^T, a block of points at a time.
void CodeSpace::compute_jacobian(std::span<const double> z, std::span<const double> x,
                                 std::span<double> rows) {
  move_to(z);
  const std::size_t all = theta_.size(), own = all - first_, each = inputs(), c = channels();
  const bool readout = first_ == model_.inr.hidden();
  const View slope(slope_.data(), size_, own);
  for (std::size_t at = 0; at < x.size() / each; at += hyper::point_block) {
    const std::size_t n = std::min(hyper::point_block, x.size() / each - at), width = readout ? own : all;
    rows_.resize(n * c * width);
    const auto block = x.subspan(at * each, n * each);
    if (readout)
      jacobian_.readout_rows(theta_, block, rows_);
    else
      jacobian_.rows(theta_, block, rows_);
    Eigen::Map<Matrix>(rows.data() + at * c * size_, n * c, size_).noalias() =
        View(rows_.data(), n * c, width).rightCols(own) * slope.transpose();
  }
}

void CodeSpace::multiply(std::span<const double> z, std::span<const double> x, std::span<const double> v,
                         std::span<double> out) {
  move_to(z);
  const std::size_t own = theta_.size() - first_;
  std::fill(direction_.begin(), direction_.end(), 0.0);
  Eigen::Map<Eigen::VectorXd>(direction_.data() + first_, own).noalias() =
      View(slope_.data(), size_, own).transpose() * VectorView(v.data(), size_);
  jacobian_.multiply(theta_, x, direction_, out);
}

void CodeSpace::multiply_transposed(std::span<const double> z, std::span<const double> x,
                                    std::span<const double> r, std::span<double> out) {
  move_to(z);
  const std::size_t own = theta_.size() - first_;
  std::fill(direction_.begin(), direction_.end(), 0.0);
  jacobian_.multiply_transposed(theta_, x, r, direction_);
  Eigen::Map<Eigen::VectorXd>(out.data(), size_).noalias() =
      View(slope_.data(), size_, own) * VectorView(direction_.data() + first_, own);
}

}  // namespace hypercast::forecast
