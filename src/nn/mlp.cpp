#include "nn/mlp.hpp"

#include <Eigen/Core>
#include <cmath>
#include <numbers>

#include "core/error.hpp"

namespace hypercast::nn {

namespace {

template <class Real>
using Matrix = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class Real>
using View = Eigen::Map<Matrix<Real>>;
template <class Real>
using ConstView = Eigen::Map<const Matrix<Real>>;

// z[rows][n] gets the bias in every row.
template <class Real>
void spread_bias(std::span<const Real> bias, std::span<Real> z) {
  for (std::size_t at = 0; at < z.size(); at += bias.size())
    for (std::size_t j = 0; j < bias.size(); ++j) z[at + j] = bias[j];
}

// db[n] += the rows of delta[rows][n], in row order.
template <class Real>
void add_rows(std::span<const Real> delta, std::span<Real> db) {
  for (std::size_t at = 0; at < delta.size(); at += db.size())
    for (std::size_t j = 0; j < db.size(); ++j) db[j] += delta[at + j];
}

}  // namespace

template <class Real>
Mlp<Real>::Mlp(std::vector<Dense> layers) : layers_(std::move(layers)) {
  check(!layers_.empty(), "an MLP without layers");
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    check(l == 0 || layers_[l].inputs == layers_[l - 1].outputs, "layers of an MLP do not fit together");
    offsets_.push_back(params_);
    params_ += layers_[l].outputs * (layers_[l].inputs + 1);
    widths_ += layers_[l].outputs;
  }
}

template <class Real>
std::vector<Block> Mlp<Real>::blocks() const {
  std::vector<Block> blocks;
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const auto [in, out, activation, omega] = layers_[l];
    const std::string layer = "layer" + std::to_string(l);
    blocks.push_back({layer + ".weight", offsets_[l], out, in, false});
    blocks.push_back({layer + ".bias", offsets_[l] + out * in, out, 1, true});
  }
  return blocks;
}

// The tape: activations of all layers, slopes of all layers, and two arrays as wide as the widest layer for
// the backward pass.
template <class Real>
std::size_t Mlp<Real>::tape_size(std::size_t rows) const {
  std::size_t widest = 0;
  for (const auto& layer : layers_) widest = std::max(widest, layer.outputs);
  return rows * (2 * widths_ + 2 * widest);
}

template <class Real>
std::size_t Mlp<Real>::activations_at(std::size_t layer, std::size_t rows) const {
  std::size_t at = 0;
  for (std::size_t l = 0; l < layer; ++l) at += layers_[l].outputs;
  return rows * at;
}

template <class Real>
std::size_t Mlp<Real>::slopes_at(std::size_t layer, std::size_t rows) const {
  return rows * widths_ + activations_at(layer, rows);
}

template <class Real>
void Mlp<Real>::initialise(std::span<Real> w, const Random& random) const {
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const auto [in, out, activation, omega] = layers_[l];
    const bool sine = activation == Activation::sine;
    const double n = static_cast<double>(in);
    double bound = std::sqrt(3 / n), phase = 0;
    if (sine) {
      bound = l == 0 ? 1 / n : std::sqrt(6 / n) / omega;
      phase = l == 0 ? std::numbers::pi / omega : 1 / std::sqrt(n);
    }
    for (std::size_t i = 0; i < out * in; ++i)
      w[offsets_[l] + i] = static_cast<Real>(bound * (2 * random.uniform(offsets_[l] + i) - 1));
    for (std::size_t i = out * in; i < out * (in + 1); ++i)
      w[offsets_[l] + i] = static_cast<Real>(phase * (2 * random.uniform(offsets_[l] + i) - 1));
  }
}

template <class Real>
void Mlp<Real>::forward(std::span<const Real> w, std::span<const Real> x, std::span<Real> y,
                        std::span<Real> tape) const {
  const std::size_t rows = x.size() / inputs();
  std::span<const Real> below = x;
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const auto [in, out, activation, omega] = layers_[l];
    const auto a = tape.subspan(activations_at(l, rows), rows * out);
    const auto slope = tape.subspan(slopes_at(l, rows), rows * out);
    spread_bias(w.subspan(offsets_[l] + out * in, out), a);
    View<Real> z(a.data(), rows, out);
    z.noalias() += ConstView<Real>(below.data(), rows, in) *
                   ConstView<Real>(w.data() + offsets_[l], out, in).transpose();
    activate<Real>(activation, static_cast<Real>(omega), a, a, slope);
    below = a;
  }
  std::copy(below.begin(), below.end(), y.begin());
}

template <class Real>
void Mlp<Real>::backward(std::span<const Real> w, std::span<const Real> x, std::span<Real> tape,
                         std::span<const Real> dy, std::span<Real> dw, std::span<Real> dx) const {
  const std::size_t rows = x.size() / inputs();
  const std::size_t scratch = 2 * rows * widths_;
  const std::size_t widest = (tape_size(rows) - scratch) / 2;
  std::span<Real> delta = tape.subspan(scratch, dy.size());
  std::copy(dy.begin(), dy.end(), delta.begin());
  for (std::size_t l = layers_.size(); l-- > 0;) {
    const auto [in, out, activation, omega] = layers_[l];
    const Real* slope = tape.data() + slopes_at(l, rows);
    for (std::size_t i = 0; i < delta.size(); ++i) delta[i] *= slope[i];
    const Real* below = l == 0 ? x.data() : tape.data() + activations_at(l - 1, rows);
    const ConstView<Real> d(delta.data(), rows, out);
    View<Real>(dw.data() + offsets_[l], out, in).noalias() +=
        d.transpose() * ConstView<Real>(below, rows, in);
    add_rows<Real>(delta, dw.subspan(offsets_[l] + out * in, out));
    if (l == 0 && dx.empty()) return;
    const std::size_t next_at = scratch + ((layers_.size() - l) % 2) * widest;
    std::span<Real> next = l == 0 ? dx : tape.subspan(next_at, rows * in);
    View<Real>(next.data(), rows, in).noalias() = d * ConstView<Real>(w.data() + offsets_[l], out, in);
    delta = next;
  }
}

template <class Real>
void Mlp<Real>::backward_rows(std::span<const Real> w, std::span<const Real> x, std::span<Real> tape,
                              std::span<const Real> dy, std::span<Real> dw_rows) const {
  const std::size_t rows = x.size() / inputs();
  const std::size_t scratch = 2 * rows * widths_;
  const std::size_t widest = (tape_size(rows) - scratch) / 2;
  std::span<Real> delta = tape.subspan(scratch, dy.size());
  std::copy(dy.begin(), dy.end(), delta.begin());
  for (std::size_t l = layers_.size(); l-- > 0;) {
    const auto [in, out, activation, omega] = layers_[l];
    const Real* slope = tape.data() + slopes_at(l, rows);
    for (std::size_t i = 0; i < delta.size(); ++i) delta[i] *= slope[i];
    const Real* below = l == 0 ? x.data() : tape.data() + activations_at(l - 1, rows);
    for (std::size_t n = 0; n < rows; ++n) {
      const Real* d = delta.data() + n * out;
      Real* to = dw_rows.data() + n * params_ + offsets_[l];
      for (std::size_t i = 0; i < out; ++i, to += in)
        for (std::size_t j = 0; j < in; ++j) to[j] = d[i] * below[n * in + j];
      std::copy_n(d, out, to);
    }
    if (l == 0) return;
    const auto next = tape.subspan(scratch + ((layers_.size() - l) % 2) * widest, rows * in);
    View<Real>(next.data(), rows, in).noalias() =
        ConstView<Real>(delta.data(), rows, out) * ConstView<Real>(w.data() + offsets_[l], out, in);
    delta = next;
  }
}

// The derivative along v of each layer's activations, from that of the layer below.
template <class Real>
void Mlp<Real>::tangent(std::span<const Real> w, std::span<const Real> x, std::span<const Real> v,
                        std::span<Real> tape, std::span<Real> dy) const {
  const std::size_t rows = x.size() / inputs();
  const std::size_t scratch = 2 * rows * widths_;
  const std::size_t widest = (tape_size(rows) - scratch) / 2;
  std::span<Real> moved;  // of the layer below
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const auto [in, out, activation, omega] = layers_[l];
    const auto next = tape.subspan(scratch + (l % 2) * widest, rows * out);
    const Real* below = l == 0 ? x.data() : tape.data() + activations_at(l - 1, rows);
    spread_bias(v.subspan(offsets_[l] + out * in, out), next);
    View<Real> z(next.data(), rows, out);
    z.noalias() +=
        ConstView<Real>(below, rows, in) * ConstView<Real>(v.data() + offsets_[l], out, in).transpose();
    if (l > 0)
      z.noalias() += ConstView<Real>(moved.data(), rows, in) *
                     ConstView<Real>(w.data() + offsets_[l], out, in).transpose();
    const Real* slope = tape.data() + slopes_at(l, rows);
    for (std::size_t i = 0; i < next.size(); ++i) next[i] *= slope[i];
    moved = next;
  }
  std::copy(moved.begin(), moved.end(), dy.begin());
}

template class Mlp<float>;
template class Mlp<double>;

}  // namespace hypercast::nn
