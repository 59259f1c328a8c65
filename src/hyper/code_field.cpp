#include "hyper/code_field.hpp"

#include <Eigen/Core>
#include <algorithm>

namespace hypercast::hyper {

namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using View = Eigen::Map<const RowMajor>;

}  // namespace

CodeField::CodeField(const Model<double>& model, std::span<const double> phi, std::span<const double> x)
    : model_(model),
      phi_(phi),
      x_(x.begin(), x.end()),
      size_(model.hypernetwork.inputs() - model.facts.parameters.size()),
      inputs_(model.inr.inputs()),
      channels_(model.inr.channels()),
      linear_(model.hypernetwork.head().moves_readout_only() && !model.hypernetwork.has_trunk()),
      inr_(model.inr) {}

Buffer<double> CodeField::condition(std::span<const double> z, std::span<const double> mu) const {
  Buffer<double> c(z.begin(), z.end());
  c.insert(c.end(), mu.begin(), mu.end());
  return c;
}

std::span<const double> CodeField::constant_jacobian() {
  if (jacobian_.empty()) {
    jacobian_.resize(rows() * size_);
    compute_jacobian(Buffer<double>(size_), Buffer<double>(model_.facts.parameters.size()), jacobian_);
  }
  return jacobian_;
}

std::span<const double> CodeField::origin(std::span<const double> mu) {
  if (origin_.empty() || !std::equal(mu.begin(), mu.end(), origin_mu_.begin(), origin_mu_.end())) {
    origin_.resize(rows());
    origin_mu_.assign(mu.begin(), mu.end());
    model_.inr.evaluate(model_.hypernetwork.weights(phi_, condition(Buffer<double>(size_), mu)), x_, origin_);
  }
  return origin_;
}

void CodeField::values(std::span<const double> z, std::span<const double> mu, std::span<double> u) {
  const std::size_t count = z.size() / size_, n = rows();
  if (!linear_) {
    for (std::size_t k = 0; k < count; ++k) {
      const auto theta = model_.hypernetwork.weights(phi_, condition(z.subspan(k * size_, size_), mu));
      model_.inr.evaluate(theta, x_, u.subspan(k * n, n));
    }
    return;
  }
  const auto start = origin(mu);
  for (std::size_t k = 0; k < count; ++k) std::copy(start.begin(), start.end(), u.begin() + k * n);
  Eigen::Map<RowMajor>(u.data(), count, n).noalias() +=
      View(z.data(), count, size_) * View(constant_jacobian().data(), n, size_).transpose();
}

void CodeField::jacobian(std::span<const double> z, std::span<const double> mu, std::span<double> j) {
  if (!linear_) return compute_jacobian(z, mu, j);
  const auto constant = constant_jacobian();
  std::copy(constant.begin(), constant.end(), j.begin());
}

// Back through INR, head and trunk, one row of J as if it were one condition of a batch: block by block.
void CodeField::compute_jacobian(std::span<const double> z, std::span<const double> mu, std::span<double> j) {
  const auto& hypernetwork = model_.hypernetwork;
  const auto& head = hypernetwork.head();
  const auto c = condition(z, mu);
  const auto theta = hypernetwork.weights(phi_, c);
  const std::size_t points = x_.size() / inputs_, width = hypernetwork.width();
  const std::size_t most = std::min(point_block, points) * channels_;
  auto tape = hypernetwork.tape(most);
  Buffer<double> conditions, h(most * width), dh(most * width), rows(most * head.own()), d_c(most * c.size()),
      d_phi(phi_.size()), d_shared(head.shared());
  for (std::size_t row = 0; row < most; ++row) conditions.insert(conditions.end(), c.begin(), c.end());
  for (std::size_t at = 0; at < points; at += point_block) {
    const std::size_t n = std::min(point_block, points - at), count = n * channels_;
    const auto x = std::span<const double>(x_).subspan(at * inputs_, n * inputs_);
    const auto some = [&](Buffer<double>& values, std::size_t each) {
      return std::span(values).first(count * each);
    };
    if (head.moves_readout_only())
      inr_.readout_rows(theta, x, some(rows, head.own()));
    else
      inr_.rows(theta, x, some(rows, head.own()));
    auto block_tape = count == most ? std::move(tape) : hypernetwork.tape(count);
    hypernetwork.embed(phi_, some(conditions, c.size()), some(h, width), block_tape);
    head.backward(hypernetwork.head_part(phi_), some(h, width), some(rows, head.own()), d_shared, {},
                  some(dh, width));
    hypernetwork.embed_backward(some(conditions, c.size()), some(dh, width), block_tape, d_phi,
                                some(d_c, c.size()));
    if (count == most) tape = std::move(block_tape);
    for (std::size_t row = 0; row < count; ++row)
      std::copy_n(d_c.begin() + row * c.size(), size_, j.begin() + (at * channels_ + row) * size_);
  }
}

}  // namespace hypercast::hyper
