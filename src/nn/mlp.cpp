#include "nn/mlp.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "nn/kernels/kernels.hpp"

namespace hypercast::nn {

namespace {

template <class Real>
using RowMajor = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class Real>
using View = Eigen::Map<RowMajor<Real>>;
template <class Real>
using ConstView = Eigen::Map<const RowMajor<Real>>;

// z[rows][n] gets the bias in every row.
template <class Real>
void spread_bias(std::span<const Real> bias, std::span<Real> z) {
  for (std::size_t at = 0; at < z.size(); at += bias.size())
    for (std::size_t j = 0; j < bias.size(); ++j) z[at + j] = bias[j];
}

// db[n] += the rows of delta[rows][n], in row order.
template <class Real>
void add_rows(std::span<const Real> delta, std::size_t n, Real* db) {
  for (std::size_t at = 0; at < delta.size(); at += n)
    for (std::size_t j = 0; j < n; ++j) db[j] += delta[at + j];
}

}  // namespace

template <class Real>
Mlp<Real>::Mlp(std::vector<Dense> layers) {
  check(!layers.empty(), "an MLP without layers");
  for (const Dense& dense : layers) {
    check(layers_.empty() || dense.inputs == layers_.back().outputs, "layers of an MLP do not fit together");
    Layer layer{dense};
    const std::size_t in = dense.inputs, out = dense.outputs;
    layer.outputs_padded = padded<Real>(out);
    layer.inputs_padded = padded<Real>(in);
    layer.weight = params_;
    layer.bias = layer.weight + out * in;
    layer.transposed = packed_;
    layer.packed_bias = layer.transposed + in * layer.outputs_padded;
    layer.packed_weight = layer.packed_bias + layer.outputs_padded;
    layer.gradient = packed_gradient_;
    layer.gradient_bias = layer.gradient + in * layer.outputs_padded;
    params_ = layer.bias + out;
    packed_ = layer.packed_weight + out * layer.inputs_padded;
    packed_gradient_ = layer.gradient_bias + layer.outputs_padded;
    widths_ += out;
    widest_ = std::max(widest_, out);
    layers_.push_back(layer);
  }
}

template <class Real>
std::vector<Block> Mlp<Real>::blocks() const {
  std::vector<Block> blocks;
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const auto& layer = layers_[l];
    const std::string name = "layer" + std::to_string(l);
    blocks.push_back({name + ".weight", layer.weight, layer.outputs, layer.inputs, false});
    blocks.push_back({name + ".bias", layer.bias, layer.outputs, 1, true});
  }
  return blocks;
}

template <class Real>
std::size_t Mlp<Real>::tape_size(std::size_t rows) const {
  return rows * (2 * widths_ + 2 * widest_);
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
std::span<Real> Mlp<Real>::errors(std::span<Real> tape, std::size_t rows, std::size_t layer) const {
  return tape.subspan(rows * (2 * widths_ + (layer % 2) * widest_), rows * layers_[layer].outputs);
}

template <class Real>
void Mlp<Real>::initialise(std::span<Real> w, const Random& random) const {
  for (const auto& layer : layers_) {
    const bool sine = layer.activation == Activation::sine;
    const double n = static_cast<double>(layer.inputs);
    double bound = std::sqrt(3 / n), phase = 0;
    if (sine) {
      bound = layer.weight == 0 ? 1 / n : std::sqrt(6 / n) / layer.omega;
      phase = layer.weight == 0 ? std::numbers::pi / layer.omega : 1 / std::sqrt(n);
    }
    for (std::size_t i = layer.weight; i < layer.bias; ++i)
      w[i] = static_cast<Real>(bound * (2 * random.uniform(i) - 1));
    for (std::size_t i = layer.bias; i < layer.bias + layer.outputs; ++i)
      w[i] = static_cast<Real>(phase * (2 * random.uniform(i) - 1));
  }
}

namespace {

// visit(row, column) for all of a matrix, in squares: those of a transposed one stay in the first cache, too.
template <class Visit>
void in_squares(std::size_t rows, std::size_t columns, const Visit& visit) {
  constexpr std::size_t side = 16;
  for (std::size_t row = 0; row < rows; row += side)
    for (std::size_t column = 0; column < columns; column += side)
      for (std::size_t i = row; i < std::min(row + side, rows); ++i)
        for (std::size_t k = column; k < std::min(column + side, columns); ++k) visit(i, k);
}

}  // namespace

template <class Real>
std::span<const Real> Mlp<Real>::pack(std::span<const Real> w, std::span<Real> packed) const {
  for (const auto& layer : layers_) {
    const std::size_t in = layer.inputs, out = layer.outputs;
    const Real omega = layer.factor();
    const Real* weight = w.data() + layer.weight;
    Real* transposed = packed.data() + layer.transposed;
    Real* straight = packed.data() + layer.packed_weight;
    in_squares(in, out, [&](std::size_t i, std::size_t o) {
      transposed[i * layer.outputs_padded + o] = omega * weight[o * in + i];
    });
    for (std::size_t o = 0; o < out; ++o)
      for (std::size_t i = 0; i < in; ++i) straight[o * layer.inputs_padded + i] = omega * weight[o * in + i];
    for (std::size_t o = 0; o < out; ++o) packed[layer.packed_bias + o] = omega * w[layer.bias + o];
  }
  return packed;
}

template <class Real>
void Mlp<Real>::unpack_gradient(std::span<const Real> d_packed, std::span<Real> dw) const {
  for (const auto& layer : layers_) {
    const std::size_t in = layer.inputs, out = layer.outputs;
    const Real omega = layer.factor();
    const Real* transposed = d_packed.data() + layer.gradient;
    Real* weight = dw.data() + layer.weight;
    in_squares(out, in, [&](std::size_t o, std::size_t i) {
      weight[o * in + i] += omega * transposed[i * layer.outputs_padded + o];
    });
    for (std::size_t o = 0; o < out; ++o) dw[layer.bias + o] += omega * d_packed[layer.gradient_bias + o];
  }
}

template <class Real>
void Mlp<Real>::forward(std::span<const Real> packed, std::span<const Real> x, std::span<Real> y,
                        std::span<Real> tape) const {
  const auto& k = kernels<Real>();
  const std::size_t rows = x.size() / inputs();
  const Real* below = x.data();
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const auto& layer = layers_[l];
    const std::size_t out = layer.outputs;
    Real* a = l + 1 == layers_.size() ? y.data() : tape.data() + activations_at(l, rows);
    k.multiply(rows, layer.inputs, out, {below, layer.inputs},
               {packed.data() + layer.transposed, layer.outputs_padded},
               {packed.data() + layer.packed_bias, 0}, {a, out});
    k.activate[static_cast<std::size_t>(layer.activation)](rows * out, a, a,
                                                           tape.data() + slopes_at(l, rows));
    below = a;
  }
}

template <class Real>
void Mlp<Real>::evaluate(std::span<const Real> packed, std::span<const Real> x, std::span<Real> y,
                         std::span<Real> tape) const {
  const auto& k = kernels<Real>();
  const std::size_t rows = x.size() / inputs();
  const Real* below = x.data();
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const auto& layer = layers_[l];
    const std::size_t out = layer.outputs;
    Real* a = l + 1 == layers_.size() ? y.data() : errors(tape, rows, l).data();
    k.multiply(rows, layer.inputs, out, {below, layer.inputs},
               {packed.data() + layer.transposed, layer.outputs_padded},
               {packed.data() + layer.packed_bias, 0}, {a, out});
    k.values[static_cast<std::size_t>(layer.activation)](rows * out, a, a);
    below = a;
  }
}

template <class Real>
std::span<Real> Mlp<Real>::last_errors(std::span<Real> tape, std::span<const Real> dy,
                                       std::size_t rows) const {
  const auto delta = errors(tape, rows, layers_.size() - 1);
  const Real* slope = tape.data() + slopes_at(layers_.size() - 1, rows);
  for (std::size_t i = 0; i < delta.size(); ++i) delta[i] = dy[i] * slope[i];
  return delta;
}

template <class Real>
void Mlp<Real>::backward(std::span<const Real> packed, std::span<const Real> x, std::span<Real> tape,
                         std::span<const Real> dy, std::span<Real> d_packed, std::span<Real> dx) const {
  const auto& k = kernels<Real>();
  const std::size_t rows = x.size() / inputs();
  std::span<Real> delta = last_errors(tape, dy, rows);
  add_rows<Real>(delta, outputs(), d_packed.data() + layers_.back().gradient_bias);
  for (std::size_t l = layers_.size(); l-- > 0;) {
    const auto& layer = layers_[l];
    const std::size_t in = layer.inputs, out = layer.outputs;
    const Real* below = l == 0 ? x.data() : tape.data() + activations_at(l - 1, rows);
    Real* gradient = d_packed.data() + layer.gradient;
    k.multiply_transposed(in, rows, out, {below, in}, {delta.data(), out}, {gradient, layer.outputs_padded},
                          {gradient, layer.outputs_padded});
    const ConstRows<Real> weight{packed.data() + layer.packed_weight, layer.inputs_padded};
    if (l == 0) {
      if (!dx.empty()) k.multiply(rows, out, in, {delta.data(), out}, weight, {nullptr, 0}, {dx.data(), in});
      return;
    }
    const auto next = errors(tape, rows, l - 1);
    k.multiply_and_scale(rows, out, in, {delta.data(), out}, weight,
                         {tape.data() + slopes_at(l - 1, rows), in}, {next.data(), in},
                         d_packed.data() + layers_[l - 1].gradient_bias);
    delta = next;
  }
}

template <class Real>
void Mlp<Real>::backward_rows(std::span<const Real> w, std::span<const Real> x, std::span<Real> tape,
                              std::span<const Real> dy, std::span<Real> dw_rows) const {
  const std::size_t rows = x.size() / inputs();
  std::span<Real> delta = last_errors(tape, dy, rows);
  for (std::size_t l = layers_.size(); l-- > 0;) {
    const auto& layer = layers_[l];
    const std::size_t in = layer.inputs, out = layer.outputs;
    for (Real& d : delta) d *= layer.factor();
    const Real* below = l == 0 ? x.data() : tape.data() + activations_at(l - 1, rows);
    for (std::size_t n = 0; n < rows; ++n) {
      const Real* d = delta.data() + n * out;
      Real* to = dw_rows.data() + n * params_ + layer.weight;
      for (std::size_t i = 0; i < out; ++i, to += in)
        for (std::size_t j = 0; j < in; ++j) to[j] = d[i] * below[n * in + j];
      std::copy_n(d, out, to);
    }
    if (l == 0) return;
    const auto next = errors(tape, rows, l - 1);
    View<Real>(next.data(), rows, in).noalias() =
        ConstView<Real>(delta.data(), rows, out) * ConstView<Real>(w.data() + layer.weight, out, in);
    const Real* slope = tape.data() + slopes_at(l - 1, rows);
    for (std::size_t i = 0; i < next.size(); ++i) next[i] *= slope[i];
    delta = next;
  }
}

// The derivative along v of each layer's activations, from that of the layer below.
template <class Real>
void Mlp<Real>::tangent(std::span<const Real> w, std::span<const Real> x, std::span<const Real> v,
                        std::span<Real> tape, std::span<Real> dy) const {
  const std::size_t rows = x.size() / inputs();
  std::span<Real> moved;  // of the layer below
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const auto& layer = layers_[l];
    const std::size_t in = layer.inputs, out = layer.outputs;
    const auto next = errors(tape, rows, l);
    const Real* below = l == 0 ? x.data() : tape.data() + activations_at(l - 1, rows);
    spread_bias(v.subspan(layer.bias, out), next);
    View<Real> z(next.data(), rows, out);
    z.noalias() +=
        ConstView<Real>(below, rows, in) * ConstView<Real>(v.data() + layer.weight, out, in).transpose();
    if (l > 0)
      z.noalias() += ConstView<Real>(moved.data(), rows, in) *
                     ConstView<Real>(w.data() + layer.weight, out, in).transpose();
    const Real* slope = tape.data() + slopes_at(l, rows);
    for (std::size_t i = 0; i < next.size(); ++i) next[i] *= layer.factor() * slope[i];
    moved = next;
  }
  std::copy(moved.begin(), moved.end(), dy.begin());
}

template class Mlp<float>;
template class Mlp<double>;

}  // namespace hypercast::nn
