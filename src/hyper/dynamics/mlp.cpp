// A neural ODE with a linear part, dy/dt = A [y, mu] + N(s y, mu) with an MLP N, integrated by RK4; R. T. Q.
// Chen et al., "Neural ordinary differential equations", NeurIPS 2018; for codes of fields: Y. Yin et al.,
// "Continuous PDE dynamics forecasting with implicit neural representations", ICLR 2023. A starts from the
// propagator fitted by least squares and the last layer of N near zero, so training starts from linear
// dynamics. The fixed factors s bring components of small variance nearer to size one.

#include "nn/mlp.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>

#include "hyper/propagator.hpp"
#include "hyper/rk4.hpp"

namespace hypercast::hyper {

namespace {

template <class Real>
using RowMajor = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class Real>
using View = Eigen::Map<RowMajor<Real>>;
template <class Real>
using ConstView = Eigen::Map<const RowMajor<Real>>;

// w = [A (outputs x inputs) | MLP]
template <class Real>
class LinearPlusMlp final : public nn::Function<Real> {
 public:
  LinearPlusMlp(std::vector<double> factors, std::vector<nn::Dense> layers)
      : factors_(factors.begin(), factors.end()), mlp_(std::move(layers)) {}

  std::size_t inputs() const override { return mlp_.inputs(); }
  std::size_t outputs() const override { return mlp_.outputs(); }
  std::size_t linear() const { return inputs() * outputs(); }
  std::size_t params() const override { return linear() + mlp_.params(); }
  std::vector<nn::Block> blocks() const override {
    std::vector<nn::Block> blocks{{"linear", 0, outputs(), inputs(), false}};
    for (auto& block : mlp_.blocks()) {
      blocks.push_back(block);
      blocks.back().offset += linear();
    }
    return blocks;
  }
  // Scaled inputs, their derivative, the MLP's tape.
  std::size_t tape_size(std::size_t rows) const override {
    return 2 * rows * inputs() + mlp_.tape_size(rows);
  }
  void initialise(std::span<Real> w, const Random& random) const override {
    std::fill_n(w.begin(), linear(), Real(0));
    mlp_.initialise(w.subspan(linear()), random);
    const auto last = mlp_.blocks().end()[-2];
    for (std::size_t i = 0; i < last.size(); ++i) w[linear() + last.offset + i] *= Real(0.01);
  }
  void forward(std::span<const Real> w, std::span<const Real> x, std::span<Real> y,
               std::span<Real> tape) const override {
    const std::size_t rows = x.size() / inputs();
    const auto scaled = tape.first(x.size());
    scale(x, scaled);
    mlp_.forward(w.subspan(linear()), scaled, y, tape.subspan(2 * x.size()));
    View<Real>(y.data(), rows, outputs()).noalias() +=
        ConstView<Real>(x.data(), rows, inputs()) *
        ConstView<Real>(w.data(), outputs(), inputs()).transpose();
  }
  void backward(std::span<const Real> w, std::span<const Real> x, std::span<Real> tape,
                std::span<const Real> dy, std::span<Real> dw, std::span<Real> dx) const override {
    const std::size_t rows = x.size() / inputs();
    const auto scaled = tape.first(x.size());
    const auto d_scaled = tape.subspan(x.size(), dx.size());
    mlp_.backward(w.subspan(linear()), scaled, tape.subspan(2 * x.size()), dy, dw.subspan(linear()),
                  d_scaled);
    const ConstView<Real> g(dy.data(), rows, outputs());
    View<Real>(dw.data(), outputs(), inputs()).noalias() +=
        g.transpose() * ConstView<Real>(x.data(), rows, inputs());
    if (dx.empty()) return;
    scale(d_scaled, dx);
    View<Real>(dx.data(), rows, inputs()).noalias() += g * ConstView<Real>(w.data(), outputs(), inputs());
  }

 private:
  void scale(std::span<const Real> x, std::span<Real> scaled) const {
    const std::size_t n = factors_.size();
    for (std::size_t at = 0; at < x.size(); at += n)
      for (std::size_t j = 0; j < n; ++j) scaled[at + j] = factors_[j] * x[at + j];
  }

  Buffer<Real> factors_;  // of the MLP's inputs
  nn::Mlp<Real> mlp_;
};

template <class Real>
class MlpDynamics final : public Rk4Dynamics<Real> {
 public:
  using Rk4Dynamics<Real>::Rk4Dynamics;

  void initialise(std::span<Real> w, const CodeSequences& sequences, const Random& random) const override {
    this->field().initialise(w, random);
    start_from_propagator<Real>(sequences, this->substeps(), w, w.last(this->code()));
  }
};

class MlpKind final : public DynamicsKind {
 public:
  void describe(Section& s) override {
    s.about("dz/dt = A z + N(z, mu) with an MLP N, integrated by the Runge-Kutta method of order four.");
    s.key("depth", depth_, "hidden layers").at_least(1);
    s.key("width", width_, "neurons of a hidden layer").at_least(1);
    s.key("activation", activation_, "of the hidden layers").one_of({"silu", "gelu", "tanh", "sine"});
    s.key("substeps", substeps_, "Runge-Kutta steps per frame interval").at_least(1);
    s.key("whitening", whitening_,
          "what N sees: codes divided by this power of each component's standard deviation")
        .at_least(0)
        .at_most(1);
  }
  DynamicsPtr<float> make(const CodeScaling& scaling, float) const override { return made<float>(scaling); }
  DynamicsPtr<double> make(const CodeScaling& scaling, double) const override {
    return made<double>(scaling);
  }

 private:
  // Such that the mean square of what the MLP sees is one.
  std::vector<double> factors(const CodeScaling& scaling) const {
    std::vector<double> factors;
    double square = 0;
    for (const double deviation : scaling.deviation) {
      factors.push_back(std::pow(std::max(deviation, 1e-3), -whitening_));
      square += std::pow(factors.back() * deviation, 2) / static_cast<double>(scaling.code());
    }
    for (double& factor : factors) factor /= std::sqrt(std::max(square, 1e-30));
    factors.resize(scaling.code() + scaling.parameters(), 1.0);
    return factors;
  }
  template <class Real>
  DynamicsPtr<Real> made(const CodeScaling& scaling) const {
    const auto width = static_cast<std::size_t>(width_);
    std::vector<nn::Dense> layers;
    for (int l = 0; l < depth_; ++l)
      layers.push_back({l == 0 ? scaling.code() + scaling.parameters() : width, width,
                        nn::activation_named(activation_), 1});
    layers.push_back({width, scaling.code(), nn::Activation::identity, 1});
    return std::make_unique<MlpDynamics<Real>>(
        std::make_unique<LinearPlusMlp<Real>>(factors(scaling), std::move(layers)), scaling.code(),
        substeps_);
  }

  int depth_ = 2;
  int width_ = 512;
  std::string activation_ = "silu";
  int substeps_ = 1;
  double whitening_ = 0.5;
};

}  // namespace

void register_mlp(DynamicsRegistry& registry) {
  registry.add("mlp", "a neural ODE: linear part plus MLP, RK4", [] { return std::make_unique<MlpKind>(); });
}

}  // namespace hypercast::hyper
