// Fourier features: every wave up to a wavenumber, alone (a linear model of the field) or as the inputs of an
// MLP. The features of an MLP fall off as |k|^-2 and have mean square one, so that it starts smooth.
// M. Tancik et al., "Fourier features let networks learn high frequency functions in low dimensional
// domains", NeurIPS 2020, with the frequencies of the domain in place of random ones.

#include <cmath>

#include "hyper/fourier_basis.hpp"
#include "hyper/inr.hpp"
#include "nn/mlp.hpp"

namespace hypercast::hyper {

namespace {

template <class Real>
class FourierMlp final : public nn::Function<Real> {
 public:
  FourierMlp(FourierBasis<Real> basis, nn::Mlp<Real> mlp)
      : basis_(std::move(basis)), mlp_(std::move(mlp)), scales_(basis_.outputs()) {
    double squares = 0;  // a wave has mean square 1/2
    for (const double k : basis_.wavenumbers()) squares += std::pow(k, -4) / 2;
    const double size = std::sqrt(static_cast<double>(scales_.size()) / squares);
    for (std::size_t i = 0; i < scales_.size(); ++i)
      scales_[i] = static_cast<Real>(size * std::pow(basis_.wavenumbers()[i], -2));
  }

  std::size_t inputs() const override { return basis_.inputs(); }
  std::size_t outputs() const override { return mlp_.outputs(); }
  std::vector<nn::Block> blocks() const override { return mlp_.blocks(); }
  std::size_t params() const override { return mlp_.params(); }
  std::size_t tape_size(std::size_t rows) const override {
    return 2 * rows * basis_.outputs() + basis_.tape_size(rows) + mlp_.tape_size(rows);
  }
  void initialise(std::span<Real> w, const Random& random) const override { mlp_.initialise(w, random); }
  std::size_t packed_size() const override { return mlp_.packed_size(); }
  std::size_t packed_gradient_size() const override { return mlp_.packed_gradient_size(); }
  std::span<const Real> pack(std::span<const Real> w, std::span<Real> storage) const override {
    return mlp_.pack(w, storage);
  }
  void forward(std::span<const Real> packed, std::span<const Real> x, std::span<Real> y,
               std::span<Real> tape) const override {
    mlp_.forward(packed, waves_of(x, tape), y, split(x, tape).mlp);
  }
  void evaluate(std::span<const Real> packed, std::span<const Real> x, std::span<Real> y,
                std::span<Real> tape) const override {
    mlp_.evaluate(packed, waves_of(x, tape), y, split(x, tape).mlp);
  }
  void backward(std::span<const Real> packed, std::span<const Real> x, std::span<Real> tape,
                std::span<const Real> dy, std::span<Real> d_packed, std::span<Real> dx) const override {
    const Parts parts = split(x, tape);
    mlp_.backward(packed, parts.waves, parts.mlp, dy, d_packed,
                  dx.empty() ? std::span<Real>() : parts.d_waves);
    through_waves(x, parts, dx);
  }
  void unpack_gradient(std::span<const Real> d_packed, std::span<Real> dw) const override {
    mlp_.unpack_gradient(d_packed, dw);
  }
  std::size_t hidden_layers() const override { return mlp_.hidden_layers(); }
  std::span<const Real> hidden(std::size_t layer, std::size_t rows,
                               std::span<const Real> tape) const override {
    const std::size_t waves = 2 * rows * basis_.outputs() + basis_.tape_size(rows);
    return mlp_.hidden(layer, rows, tape.subspan(waves));
  }
  void backward_rows(std::span<const Real> w, std::span<const Real> x, std::span<Real> tape,
                     std::span<const Real> dy, std::span<Real> dw_rows) const override {
    const Parts parts = split(x, tape);
    mlp_.backward_rows(w, parts.waves, parts.mlp, dy, dw_rows);
  }
  void tangent(std::span<const Real> w, std::span<const Real> x, std::span<const Real> v,
               std::span<Real> tape, std::span<Real> dy) const override {
    const Parts parts = split(x, tape);
    mlp_.tangent(w, parts.waves, v, parts.mlp, dy);
  }

 private:
  struct Parts {
    std::span<Real> waves, d_waves, basis, mlp;
  };
  Parts split(std::span<const Real> x, std::span<Real> tape) const {
    const std::size_t rows = x.size() / inputs(), size = rows * basis_.outputs();
    const std::size_t scratch = basis_.tape_size(rows);
    return {tape.first(size), tape.subspan(size, size), tape.subspan(2 * size, scratch),
            tape.subspan(2 * size + scratch)};
  }
  std::span<const Real> waves_of(std::span<const Real> x, std::span<Real> tape) const {
    const Parts parts = split(x, tape);
    basis_.forward({}, x, parts.waves, parts.basis);
    scale(parts.waves);
    return parts.waves;
  }
  void through_waves(std::span<const Real> x, const Parts& parts, std::span<Real> dx) const {
    if (dx.empty()) return;
    scale(parts.d_waves);
    basis_.backward({}, x, parts.basis, parts.d_waves, {}, dx);
  }
  void scale(std::span<Real> waves) const {
    for (std::size_t at = 0; at < waves.size(); at += scales_.size())
      for (std::size_t j = 0; j < scales_.size(); ++j) waves[at + j] *= scales_[j];
  }

  FourierBasis<Real> basis_;
  nn::Mlp<Real> mlp_;
  std::vector<Real> scales_;
};

class Fourier final : public InrKind {
 public:
  void describe(Section& s) override {
    s.about(
        "Fourier features: all waves up to a wavenumber (axes with walls: cosines, which have no slope at "
        "the "
        "walls), as they are or as the inputs of an MLP.");
    s.key("max_wavenumber", most_, "largest |k|, counted in the longest wave of each axis").at_least(1);
    s.key("depth", depth_, "hidden layers behind the features; 0: the plain basis, nothing to train")
        .at_least(0);
    s.key("width", width_, "neurons of a hidden layer").at_least(1);
    s.key("activation", activation_, "of the hidden layers").one_of(nn::activation_names());
  }
  nn::FunctionPtr<float> features(const InrShape& shape, float) const override { return make<float>(shape); }
  nn::FunctionPtr<double> features(const InrShape& shape, double) const override {
    return make<double>(shape);
  }

 private:
  template <class Real>
  nn::FunctionPtr<Real> make(const InrShape& shape) const {
    FourierBasis<Real> basis(Coordinates::of(shape.axes), most_);
    if (depth_ == 0) return std::make_unique<FourierBasis<Real>>(std::move(basis));
    const auto activation = nn::activation_named(activation_);
    const auto width = static_cast<std::size_t>(width_);
    std::vector<nn::Dense> layers{{basis.outputs(), width, activation, 1}};
    for (int l = 1; l < depth_; ++l) layers.push_back({width, width, activation, 1});
    return std::make_unique<FourierMlp<Real>>(std::move(basis), nn::Mlp<Real>(std::move(layers)));
  }

  double most_ = 8;
  int depth_ = 0;
  int width_ = 64;
  std::string activation_ = "gelu";
};

}  // namespace

void register_fourier(InrRegistry& registry) {
  registry.add("fourier", "Fourier features, alone or before an MLP",
               [] { return std::make_unique<Fourier>(); });
}

}  // namespace hypercast::hyper
