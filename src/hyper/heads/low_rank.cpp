// Each weight matrix of the INR is W_l + U_l diag(s_l(h)) V_l with a few directions U, V shared by all
// conditions; biases move freely. After W. Cho et al., "Hypernetwork-based meta-learning for low-rank
// physics-informed neural networks", NeurIPS 2023, with a base matrix added.

#include <Eigen/Core>
#include <algorithm>
#include <cmath>

#include "core/buffer.hpp"
#include "hyper/head.hpp"

namespace hypercast::hyper {

namespace {

template <class Real>
using RowMajor = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class Real>
using View = Eigen::Map<RowMajor<Real>>;
template <class Real>
using ConstView = Eigen::Map<const RowMajor<Real>>;
template <class Real>
using Vector = Eigen::Map<Eigen::Matrix<Real, Eigen::Dynamic, 1>>;
template <class Real>
using ConstVector = Eigen::Map<const Eigen::Matrix<Real, Eigen::Dynamic, 1>>;

// One matrix of theta and where its factors lie in w.
struct Factored {
  nn::Block block;
  std::size_t rank, base, u, v;  // base[rows][columns], u[rows][rank], v[rank][columns]
  std::size_t scales;            // of s_l in the coefficients
};

// w = [base, U, V of every matrix | affine map h -> coefficients]; coefficients = [s_1, s_2, ... | biases].
template <class Real>
class LowRankHead final : public Head<Real> {
 public:
  LowRankHead(HeadShape shape, std::size_t rank) : Head<Real>(std::move(shape)) {
    for (const auto& block : this->shape().blocks) {
      if (block.is_bias) continue;
      const std::size_t r = std::min({rank, block.rows, block.columns});
      const std::size_t base = factors_, u = base + block.size(), v = u + block.rows * r;
      matrices_.push_back({block, r, base, u, v, coefficients_});
      factors_ = v + r * block.columns;
      coefficients_ += r;
    }
    for (const auto& block : this->shape().blocks) {
      if (!block.is_bias) continue;
      biases_.push_back({block, coefficients_});
      coefficients_ += block.size();
    }
  }

  std::size_t rows() const override { return coefficients_; }
  std::size_t fixed() const override { return factors_; }
  std::vector<nn::Block> blocks() const override;
  void initialise_fixed(std::span<Real> fixed, std::span<const Real> start,
                        const Random& random) const override;
  AffineStart<Real> map_start(std::span<const Real> start) const override;
  void expand(std::span<const Real> w, std::span<const Real> moved, std::span<Real> theta) const override;
  void expand_backward(std::span<const Real> w, std::span<const Real> moved, std::span<const Real> d_theta,
                       std::span<Real> d_moved, std::span<Real> dw) const override;

 private:
  struct Bias {
    nn::Block block;
    std::size_t at;  // in the coefficients
  };
  std::vector<Factored> matrices_;
  std::vector<Bias> biases_;
  std::size_t factors_ = 0;
  std::size_t coefficients_ = 0;
};

template <class Real>
std::vector<nn::Block> LowRankHead<Real>::blocks() const {
  std::vector<nn::Block> blocks;
  for (const auto& m : matrices_) {
    blocks.push_back({m.block.name + ".base", m.base, m.block.rows, m.block.columns, false});
    blocks.push_back({m.block.name + ".u", m.u, m.block.rows, m.rank, false});
    blocks.push_back({m.block.name + ".v", m.v, m.rank, m.block.columns, false});
  }
  const std::size_t width = this->shape().width;
  blocks.push_back({"weight", factors_, coefficients_, width, false});
  blocks.push_back({"bias", factors_ + coefficients_ * width, coefficients_, 1, true});
  return blocks;
}

template <class Real>
void LowRankHead<Real>::initialise_fixed(std::span<Real> fixed, std::span<const Real> start,
                                         const Random& random) const {
  for (const auto& m : matrices_) {
    std::copy_n(start.begin() + m.block.offset, m.block.size(), fixed.begin() + m.base);
    const double size = ConstVector<Real>(start.data() + m.block.offset, m.block.size()).norm() /
                        std::sqrt(static_cast<double>(m.block.size()));
    const double entry = std::sqrt(size / std::sqrt(static_cast<double>(m.rank)));
    for (std::size_t i = m.u; i < m.v + m.rank * m.block.columns; ++i)
      fixed[i] = static_cast<Real>(entry * random.normal(i));
  }
}

// A rank's scales begin at zero plus what the condition adds, and vary like one; biases vary like themselves.
template <class Real>
AffineStart<Real> LowRankHead<Real>::map_start(std::span<const Real> start) const {
  Buffer<Real> sizes(coefficients_), biases(coefficients_);
  std::vector<nn::Block> parts;  // of the coefficients
  for (const auto& m : matrices_) {
    std::fill_n(sizes.begin() + m.scales, m.rank, Real(1));
    parts.push_back({"", m.scales, m.rank, 1, false});
  }
  for (const auto& b : biases_) {
    for (Buffer<Real>* to : {&sizes, &biases})
      std::copy_n(start.begin() + b.block.offset, b.block.size(), to->begin() + b.at);
    parts.push_back({"", b.at, b.block.size(), 1, true});
  }
  return {row_spread<Real>(sizes, parts, this->shape().init_scale, this->shape().width), biases};
}

template <class Real>
void LowRankHead<Real>::expand(std::span<const Real> w, std::span<const Real> moved,
                               std::span<Real> theta) const {
  for (const auto& m : matrices_) {
    const ConstView<Real> u(w.data() + m.u, m.block.rows, m.rank), v(w.data() + m.v, m.rank, m.block.columns);
    View<Real> weight(theta.data() + m.block.offset, m.block.rows, m.block.columns);
    weight = ConstView<Real>(w.data() + m.base, m.block.rows, m.block.columns);
    const RowMajor<Real> us = u * ConstVector<Real>(moved.data() + m.scales, m.rank).asDiagonal();
    weight.noalias() += us * v;
  }
  for (const auto& b : biases_)
    std::copy_n(moved.data() + b.at, b.block.size(), theta.data() + b.block.offset);
}

template <class Real>
void LowRankHead<Real>::expand_backward(std::span<const Real> w, std::span<const Real> moved,
                                        std::span<const Real> d_theta, std::span<Real> d_moved,
                                        std::span<Real> dw) const {
  for (const auto& m : matrices_) {
    const auto rows = m.block.rows, columns = m.block.columns;
    const ConstView<Real> u(w.data() + m.u, rows, m.rank), v(w.data() + m.v, m.rank, columns);
    const ConstView<Real> g(d_theta.data() + m.block.offset, rows, columns);
    const ConstVector<Real> s(moved.data() + m.scales, m.rank);
    const RowMajor<Real> gv = g * v.transpose();  // [rows][rank]
    if (!dw.empty()) {
      const RowMajor<Real> ug = u.transpose() * g;  // [rank][columns]
      View<Real>(dw.data() + m.base, rows, columns) += g;
      View<Real>(dw.data() + m.u, rows, m.rank) += gv * s.asDiagonal();
      View<Real>(dw.data() + m.v, m.rank, columns) += s.asDiagonal() * ug;
    }
    for (std::size_t k = 0; k < m.rank; ++k) {
      Real sum = 0;
      for (std::size_t i = 0; i < rows; ++i) sum += u(i, k) * gv(i, k);
      d_moved[m.scales + k] = sum;
    }
  }
  for (const auto& b : biases_)
    std::copy_n(d_theta.data() + b.block.offset, b.block.size(), d_moved.data() + b.at);
}

class LowRank final : public HeadKind {
 public:
  void describe(Section& s) override {
    s.about("theta_l = W_l + U_l diag(s(c)) V_l: the condition moves a few directions of each matrix.");
    s.key("rank", rank_, "directions per weight matrix").at_least(1);
  }
  HeadPtr<float> make(HeadShape shape, float) const override { return made<float>(std::move(shape)); }
  HeadPtr<double> make(HeadShape shape, double) const override { return made<double>(std::move(shape)); }

 private:
  template <class Real>
  HeadPtr<Real> made(HeadShape shape) const {
    return std::make_unique<LowRankHead<Real>>(std::move(shape), static_cast<std::size_t>(rank_));
  }

  int rank_ = 8;
};

}  // namespace

void register_low_rank(HeadRegistry& registry) {
  registry.add("low_rank", "the condition moves a few directions of each weight matrix",
               [] { return std::make_unique<LowRank>(); });
}

}  // namespace hypercast::hyper
