// A multiplicative filter network: sines of the place, multiplied up.
//   z_0 = b_0 * s_0(x),   z_l = (B_l z_{l-1} + b_l) * s_l(x),  l = 1 .. depth,   phi = z_depth
//   s_l(x) = [sin(c W_l x), cos(c W_l x)],   c = scale / sqrt(depth + 1)
// (* is element by element). R. Fathony et al., "Multiplicative filter networks", ICLR 2021, in the form of
// Y. Yin et al., "Continuous PDE dynamics forecasting with implicit neural representations" (DINo), ICLR
// 2023, whose decoder is this network behind the head `shift`.

#include <Eigen/Core>
#include <algorithm>
#include <cmath>

#include "hyper/inr.hpp"
#include "nn/kernels/kernels.hpp"

namespace hypercast::hyper {

namespace {

template <class Real>
using Matrix = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class Real>
using View = Eigen::Map<Matrix<Real>>;
template <class Real>
using ConstView = Eigen::Map<const Matrix<Real>>;

// w holds, layer by layer, W_l[sines][inputs], then (l > 0) B_l[width][width], then b_l[width].
template <class Real>
class FilterNetwork final : public nn::Function<Real> {
 public:
  FilterNetwork(std::size_t inputs, std::size_t width, std::size_t depth, double scale)
      : inputs_(inputs),
        width_(width),
        layers_(depth + 1),
        c_(static_cast<Real>(scale / std::sqrt(static_cast<double>(layers_)))) {}

  std::size_t inputs() const override { return inputs_; }
  std::size_t outputs() const override { return width_; }
  std::size_t params() const override { return bias(layers_ - 1) + width_; }
  std::vector<nn::Block> blocks() const override;
  std::size_t tape_size(std::size_t rows) const override { return rows * width_ * (4 * layers_ + 3); }

  // Every layer keeps the mean square of z: b_0 = 1, the other b_l = 0, B_l uniform with variance 2 / width;
  // W_l uniform up to 1 / sqrt(inputs).
  void initialise(std::span<Real> w, const Random& random) const override;
  void forward(std::span<const Real> w, std::span<const Real> x, std::span<Real> y,
               std::span<Real> tape) const override;
  std::size_t hidden_layers() const override { return layers_ - 1; }
  std::span<const Real> hidden(std::size_t l, std::size_t rows, std::span<const Real> tape) const override {
    const std::size_t size = rows * width_;
    return tape.subspan((4 * l + 3) * size, size);
  }
  void backward(std::span<const Real> w, std::span<const Real> x, std::span<Real> tape,
                std::span<const Real> dy, std::span<Real> dw, std::span<Real> dx) const override;
  void backward_rows(std::span<const Real> w, std::span<const Real> x, std::span<Real> tape,
                     std::span<const Real> dy, std::span<Real> dw_rows) const override;
  void tangent(std::span<const Real> w, std::span<const Real> x, std::span<const Real> v,
               std::span<Real> tape, std::span<Real> dy) const override;

 private:
  std::size_t sines() const { return (width_ + 1) / 2; }  // an odd width has one cosine less
  std::size_t filter(std::size_t l) const {
    return l * (sines() * inputs_ + width_ + width_ * width_) - (l > 0 ? width_ * width_ : 0);
  }
  std::size_t mixing(std::size_t l) const { return filter(l) + sines() * inputs_; }  // B_l, l > 0
  std::size_t bias(std::size_t l) const { return mixing(l) + (l > 0 ? width_ * width_ : 0); }

  // A layer's part of the tape, and the arrays behind all layers: [rows][width] each.
  struct Layer {
    std::span<Real> s, ds;  // the filter, and how it changes with its phase
    std::span<Real> p, z;   // B z + b, and what the filter makes of it
  };
  Layer layer(std::span<Real> tape, std::size_t rows, std::size_t l) const;
  std::span<Real> scratch(std::span<Real> tape, std::size_t rows, std::size_t which) const;

  // s and ds of a layer, from sin and c cos of the phases.
  void set_filter(std::span<const Real> sine, std::span<const Real> slope, const Layer& a) const;
  // From dz: dp, and d_phase[rows][sines] (may not be the array of dz).
  void through_product(const Layer& a, std::span<const Real> dz, std::span<Real> dp,
                       std::span<Real> d_phase) const;

  std::size_t inputs_, width_, layers_;
  Real c_;
};

template <class Real>
std::vector<nn::Block> FilterNetwork<Real>::blocks() const {
  std::vector<nn::Block> blocks;
  for (std::size_t l = 0; l < layers_; ++l) {
    const std::string name = "layer" + std::to_string(l);
    blocks.push_back({name + ".filter", filter(l), sines(), inputs_, false});
    if (l > 0) blocks.push_back({name + ".weight", mixing(l), width_, width_, false});
    blocks.push_back({name + ".bias", bias(l), width_, 1, true});
  }
  return blocks;
}

template <class Real>
auto FilterNetwork<Real>::layer(std::span<Real> tape, std::size_t rows, std::size_t l) const -> Layer {
  const std::size_t size = rows * width_, at = 4 * l * size;
  return {tape.subspan(at, size), tape.subspan(at + size, size), tape.subspan(at + 2 * size, size),
          tape.subspan(at + 3 * size, size)};
}

template <class Real>
std::span<Real> FilterNetwork<Real>::scratch(std::span<Real> tape, std::size_t rows,
                                             std::size_t which) const {
  return tape.subspan(rows * width_ * (4 * layers_ + which), rows * width_);
}

template <class Real>
void FilterNetwork<Real>::initialise(std::span<Real> w, const Random& random) const {
  const auto fill = [&](std::size_t from, std::size_t count, double bound) {
    for (std::size_t i = from; i < from + count; ++i)
      w[i] = static_cast<Real>(bound * (2 * random.uniform(i) - 1));
  };
  for (std::size_t l = 0; l < layers_; ++l) {
    fill(filter(l), sines() * inputs_, 1 / std::sqrt(static_cast<double>(inputs_)));
    if (l > 0) fill(mixing(l), width_ * width_, std::sqrt(6 / static_cast<double>(width_)));
    std::fill_n(w.begin() + bias(l), width_, l == 0 ? Real(1) : Real(0));
  }
}

template <class Real>
void FilterNetwork<Real>::set_filter(std::span<const Real> sine, std::span<const Real> slope,
                                     const Layer& a) const {
  const std::size_t m = sines(), cosines = width_ - m;
  for (std::size_t n = 0; n * m < sine.size(); ++n) {
    const Real *sin = sine.data() + n * m, *cos = slope.data() + n * m;
    Real *s = a.s.data() + n * width_, *ds = a.ds.data() + n * width_;
    for (std::size_t j = 0; j < m; ++j) s[j] = sin[j];
    for (std::size_t j = 0; j < m; ++j) ds[j] = c_ * cos[j];
    for (std::size_t j = 0; j < cosines; ++j) s[m + j] = cos[j];
    for (std::size_t j = 0; j < cosines; ++j) ds[m + j] = -c_ * sin[j];
  }
}

template <class Real>
void FilterNetwork<Real>::forward(std::span<const Real> w, std::span<const Real> x, std::span<Real> y,
                                  std::span<Real> tape) const {
  const std::size_t rows = x.size() / inputs_, m = sines();
  const auto sine = scratch(tape, rows, 0).first(rows * m), slope = scratch(tape, rows, 1).first(rows * m);
  for (std::size_t l = 0; l < layers_; ++l) {
    const Layer a = layer(tape, rows, l);
    View<Real>(sine.data(), rows, m).noalias() =
        ConstView<Real>(x.data(), rows, inputs_) *
        ConstView<Real>(w.data() + filter(l), m, inputs_).transpose();
    for (Real& z : sine) z *= c_;
    nn::kernels<Real>().activate[static_cast<std::size_t>(nn::Activation::sine)](sine.size(), sine.data(),
                                                                                 sine.data(), slope.data());
    set_filter(sine, slope, a);
    for (std::size_t n = 0; n < rows; ++n) std::copy_n(w.data() + bias(l), width_, a.p.begin() + n * width_);
    if (l > 0)
      View<Real>(a.p.data(), rows, width_).noalias() +=
          ConstView<Real>(layer(tape, rows, l - 1).z.data(), rows, width_) *
          ConstView<Real>(w.data() + mixing(l), width_, width_).transpose();
    for (std::size_t i = 0; i < a.z.size(); ++i) a.z[i] = a.p[i] * a.s[i];
  }
  const auto z = layer(tape, rows, layers_ - 1).z;
  std::copy(z.begin(), z.end(), y.begin());
}

template <class Real>
void FilterNetwork<Real>::through_product(const Layer& a, std::span<const Real> dz, std::span<Real> dp,
                                          std::span<Real> d_phase) const {
  const std::size_t m = sines();
  for (std::size_t i = 0; i < dz.size(); ++i) dp[i] = dz[i] * a.p[i] * a.ds[i];
  for (std::size_t n = 0; n * width_ < dz.size(); ++n) {
    const Real* from = dp.data() + n * width_;
    Real* phase = d_phase.data() + n * m;
    std::copy_n(from, m, phase);
    for (std::size_t j = m; j < width_; ++j) phase[j - m] += from[j];
  }
  for (std::size_t i = 0; i < dz.size(); ++i) dp[i] = dz[i] * a.s[i];
}

template <class Real>
void FilterNetwork<Real>::backward(std::span<const Real> w, std::span<const Real> x, std::span<Real> tape,
                                   std::span<const Real> dy, std::span<Real> dw, std::span<Real> dx) const {
  const std::size_t rows = x.size() / inputs_, m = sines();
  const auto dz = scratch(tape, rows, 0), dp = scratch(tape, rows, 1), d_phase = scratch(tape, rows, 2);
  std::copy(dy.begin(), dy.end(), dz.begin());
  std::fill(dx.begin(), dx.end(), Real(0));
  for (std::size_t l = layers_; l-- > 0;) {
    through_product(layer(tape, rows, l), dz, dp, d_phase);
    const ConstView<Real> phase(d_phase.data(), rows, m), p(dp.data(), rows, width_);
    View<Real>(dw.data() + filter(l), m, inputs_).noalias() +=
        phase.transpose() * ConstView<Real>(x.data(), rows, inputs_);
    if (!dx.empty())
      View<Real>(dx.data(), rows, inputs_).noalias() +=
          phase * ConstView<Real>(w.data() + filter(l), m, inputs_);
    Real* db = dw.data() + bias(l);
    for (std::size_t n = 0; n < rows; ++n)
      for (std::size_t j = 0; j < width_; ++j) db[j] += dp[n * width_ + j];
    if (l == 0) return;
    const ConstView<Real> below(layer(tape, rows, l - 1).z.data(), rows, width_);
    View<Real>(dw.data() + mixing(l), width_, width_).noalias() += p.transpose() * below;
    View<Real>(dz.data(), rows, width_).noalias() = p * ConstView<Real>(w.data() + mixing(l), width_, width_);
  }
}

template <class Real>
void FilterNetwork<Real>::backward_rows(std::span<const Real> w, std::span<const Real> x,
                                        std::span<Real> tape, std::span<const Real> dy,
                                        std::span<Real> dw_rows) const {
  const std::size_t rows = x.size() / inputs_, m = sines(), size = params();
  const auto dz = scratch(tape, rows, 0), dp = scratch(tape, rows, 1), d_phase = scratch(tape, rows, 2);
  const auto outer = [](const Real* a, std::size_t na, const Real* b, std::size_t nb, Real* to) {
    for (std::size_t i = 0; i < na; ++i, to += nb)
      for (std::size_t j = 0; j < nb; ++j) to[j] = a[i] * b[j];
  };
  std::copy(dy.begin(), dy.end(), dz.begin());
  for (std::size_t l = layers_; l-- > 0;) {
    through_product(layer(tape, rows, l), dz, dp, d_phase);
    for (std::size_t n = 0; n < rows; ++n) {
      Real* to = dw_rows.data() + n * size;
      const Real* p = dp.data() + n * width_;
      outer(d_phase.data() + n * m, m, x.data() + n * inputs_, inputs_, to + filter(l));
      if (l > 0) outer(p, width_, layer(tape, rows, l - 1).z.data() + n * width_, width_, to + mixing(l));
      std::copy_n(p, width_, to + bias(l));
    }
    if (l > 0)
      View<Real>(dz.data(), rows, width_).noalias() =
          ConstView<Real>(dp.data(), rows, width_) * ConstView<Real>(w.data() + mixing(l), width_, width_);
  }
}

template <class Real>
void FilterNetwork<Real>::tangent(std::span<const Real> w, std::span<const Real> x, std::span<const Real> v,
                                  std::span<Real> tape, std::span<Real> dy) const {
  const std::size_t rows = x.size() / inputs_, m = sines();
  const auto dz = scratch(tape, rows, 0), dp = scratch(tape, rows, 1), d_phase = scratch(tape, rows, 2);
  for (std::size_t l = 0; l < layers_; ++l) {
    const Layer a = layer(tape, rows, l);
    View<Real>(d_phase.data(), rows, m).noalias() =
        ConstView<Real>(x.data(), rows, inputs_) *
        ConstView<Real>(v.data() + filter(l), m, inputs_).transpose();
    for (std::size_t n = 0; n < rows; ++n) std::copy_n(v.data() + bias(l), width_, dp.begin() + n * width_);
    if (l > 0) {
      View<Real> p(dp.data(), rows, width_);
      p.noalias() += ConstView<Real>(layer(tape, rows, l - 1).z.data(), rows, width_) *
                     ConstView<Real>(v.data() + mixing(l), width_, width_).transpose();
      p.noalias() += ConstView<Real>(dz.data(), rows, width_) *
                     ConstView<Real>(w.data() + mixing(l), width_, width_).transpose();
    }
    for (std::size_t n = 0, i = 0; n < rows; ++n)
      for (std::size_t j = 0; j < width_; ++j, ++i)
        dz[i] = dp[i] * a.s[i] + a.p[i] * a.ds[i] * d_phase[n * m + (j < m ? j : j - m)];
  }
  std::copy(dz.begin(), dz.end(), dy.begin());
}

class Mfn final : public InrKind {
 public:
  void describe(Section& s) override {
    s.about(
        "A multiplicative filter network, the decoder of DINo: products of sines and cosines of the place.");
    s.key("width", width_, "features, half of them sines, half cosines").at_least(1);
    s.key("depth", depth_, "products; depth + 1 filters").at_least(0);
    s.key("scale", scale_, "frequency factor; a filter's is scale / sqrt(depth + 1)").above(0);
  }
  nn::FunctionPtr<float> features(const InrShape& shape, float) const override { return make<float>(shape); }
  nn::FunctionPtr<double> features(const InrShape& shape, double) const override {
    return make<double>(shape);
  }

 private:
  template <class Real>
  nn::FunctionPtr<Real> make(const InrShape& shape) const {
    return std::make_unique<FilterNetwork<Real>>(shape.inputs(), static_cast<std::size_t>(width_),
                                                 static_cast<std::size_t>(depth_), scale_);
  }

  int width_ = 64;
  int depth_ = 3;
  double scale_ = 8;
};

}  // namespace

void register_mfn(InrRegistry& registry) {
  registry.add("mfn", "multiplicative filter network", [] { return std::make_unique<Mfn>(); });
}

}  // namespace hypercast::hyper
