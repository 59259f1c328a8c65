#include "hyper/linear_plus.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "hyper/propagator.hpp"
#include "nn/kernels/kernels.hpp"

namespace hypercast::hyper {

namespace {

template <class Real>
using RowMajor = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class Real>
using View = Eigen::Map<RowMajor<Real>>;
template <class Real>
using ConstView = Eigen::Map<const RowMajor<Real>>;

template <class Real>
class LinearPlusDynamics final : public RungeKuttaDynamics<Real> {
 public:
  using RungeKuttaDynamics<Real>::RungeKuttaDynamics;

  // A and a: a linear flow close to the propagator at mean parameters; what mu moves is left to training.
  void initialise(std::span<Real> w, const CodeSequences& sequences, const Random& random) const override {
    this->field().initialise(w, random);
    const std::size_t d = this->code(), n = d + 1, p = this->parameters();
    const auto fit = fit_propagator(sequences);
    std::vector<double> frame(n * n);
    for (std::size_t i = 0; i < d; ++i)
      std::copy_n(fit.weights.begin() + i * (p + 1) * n, n, frame.begin() + i * n);
    frame.back() = 1;
    const auto rates = generator(frame, this->reach());
    for (std::size_t i = 0; i < d; ++i) {
      for (std::size_t j = 0; j < d; ++j) w[i * (d + p) + j] = static_cast<Real>(rates[i * n + j]);
      w[d * (d + p) + i] = static_cast<Real>(rates[i * n + d]);
    }
  }
};

}  // namespace

template <class Real>
LinearPlus<Real>::LinearPlus(std::vector<double> factors, nn::FunctionPtr<Real> nonlinear)
    : factors_(factors.begin(), factors.end()), nonlinear_(std::move(nonlinear)) {
  check(factors_.size() == nonlinear_->inputs(), "factors do not match inputs");
}

template <class Real>
std::vector<nn::Block> LinearPlus<Real>::blocks() const {
  const std::size_t in = inputs(), out = outputs();
  std::vector<nn::Block> blocks{{"linear.weight", 0, out, in, false},
                                {"linear.bias", out * in, out, 1, true}};
  for (auto& block : nonlinear_->blocks()) {
    blocks.push_back(block);
    blocks.back().offset += linear();
  }
  return blocks;
}

// Scaled inputs, their derivative, the tape of N.
template <class Real>
std::size_t LinearPlus<Real>::tape_size(std::size_t rows) const {
  return 2 * rows * inputs() + nonlinear_->tape_size(rows);
}

template <class Real>
void LinearPlus<Real>::initialise(std::span<Real> w, const Random& random) const {
  std::fill_n(w.begin(), linear(), Real(0));
  const auto rest = w.subspan(linear());
  nonlinear_->initialise(rest, random);
  const auto blocks = nonlinear_->blocks();
  const auto last = std::find_if(blocks.rbegin(), blocks.rend(), [](const auto& b) { return !b.is_bias; });
  check(last != blocks.rend(), "a nonlinear part without a matrix");
  for (std::size_t i = 0; i < last->size(); ++i) rest[last->offset + i] *= Real(0.01);
}

template <class Real>
std::size_t LinearPlus<Real>::rest() const {
  return nonlinear_->packed_size() == 0 ? linear() : nn::padded<Real>(linear());
}

template <class Real>
std::size_t LinearPlus<Real>::packed_size() const {
  return nonlinear_->packed_size() == 0 ? 0 : rest() + nonlinear_->packed_size();
}

template <class Real>
std::size_t LinearPlus<Real>::packed_gradient_size() const {
  return nonlinear_->packed_size() == 0 ? 0 : rest() + nonlinear_->packed_gradient_size();
}

template <class Real>
std::span<const Real> LinearPlus<Real>::pack(std::span<const Real> w, std::span<Real> storage) const {
  if (storage.empty()) return w;
  std::copy_n(w.begin(), linear(), storage.begin());
  nonlinear_->pack(w.subspan(linear()), storage.subspan(rest()));
  return storage;
}

template <class Real>
void LinearPlus<Real>::unpack_gradient(std::span<const Real> d_packed, std::span<Real> dw) const {
  for (std::size_t i = 0; i < linear(); ++i) dw[i] += d_packed[i];
  nonlinear_->unpack_gradient(d_packed.subspan(rest()), dw.subspan(linear()));
}

template <class Real>
void LinearPlus<Real>::forward(std::span<const Real> w, std::span<const Real> x, std::span<Real> y,
                               std::span<Real> tape) const {
  const std::size_t rows = x.size() / inputs(), out = outputs();
  const auto scaled = tape.first(x.size());
  scale(x, scaled);
  nonlinear_->forward(w.subspan(rest()), scaled, y, tape.subspan(2 * x.size()));
  const Real* offset = w.data() + out * inputs();
  for (std::size_t b = 0; b < rows; ++b)
    for (std::size_t i = 0; i < out; ++i) y[b * out + i] += offset[i];
  View<Real>(y.data(), rows, out).noalias() +=
      ConstView<Real>(x.data(), rows, inputs()) * ConstView<Real>(w.data(), out, inputs()).transpose();
}

template <class Real>
void LinearPlus<Real>::backward(std::span<const Real> w, std::span<const Real> x, std::span<Real> tape,
                                std::span<const Real> dy, std::span<Real> dw, std::span<Real> dx) const {
  const std::size_t rows = x.size() / inputs(), out = outputs();
  const auto d_scaled = tape.subspan(x.size(), dx.size());
  nonlinear_->backward(w.subspan(rest()), tape.first(x.size()), tape.subspan(2 * x.size()), dy,
                       dw.subspan(rest()), d_scaled);
  const ConstView<Real> g(dy.data(), rows, out);
  View<Real>(dw.data(), out, inputs()).noalias() += g.transpose() * ConstView<Real>(x.data(), rows, inputs());
  Real* d_offset = dw.data() + out * inputs();
  for (std::size_t b = 0; b < rows; ++b)
    for (std::size_t i = 0; i < out; ++i) d_offset[i] += dy[b * out + i];
  if (dx.empty()) return;
  scale(d_scaled, dx);
  View<Real>(dx.data(), rows, inputs()).noalias() += g * ConstView<Real>(w.data(), out, inputs());
}

template <class Real>
void LinearPlus<Real>::scale(std::span<const Real> x, std::span<Real> scaled) const {
  const std::size_t n = factors_.size();
  for (std::size_t at = 0; at < x.size(); at += n)
    for (std::size_t j = 0; j < n; ++j) scaled[at + j] = factors_[j] * x[at + j];
}

std::vector<double> whitening_factors(const CodeScaling& scaling, double whitening) {
  std::vector<double> factors;
  double square = 0;
  for (const double deviation : scaling.deviation) {
    factors.push_back(std::pow(std::max(deviation, 1e-3), -whitening));
    square += std::pow(factors.back() * deviation, 2) / static_cast<double>(scaling.code());
  }
  for (double& factor : factors) factor /= std::sqrt(std::max(square, 1e-30));
  factors.resize(scaling.code() + scaling.parameters(), 1.0);
  return factors;
}

void LinearPlusOptions::describe(Section& s, const std::string& nonlinear) {
  s.key("method", method, "explicit Runge-Kutta method of order 4, 2, 1; the lower, the cheaper")
      .one_of(runge_kutta_names());
  s.key("substeps", substeps, "Runge-Kutta steps per frame interval").at_least(1);
  s.key("whitening", whitening,
        nonlinear + " sees codes divided by this power of each component's standard deviation")
      .at_least(0)
      .at_most(1);
}

template <class Real>
DynamicsPtr<Real> linear_plus(const CodeScaling& scaling, nn::FunctionPtr<Real> nonlinear,
                              const LinearPlusOptions& options) {
  auto field =
      std::make_unique<LinearPlus<Real>>(whitening_factors(scaling, options.whitening), std::move(nonlinear));
  return std::make_unique<LinearPlusDynamics<Real>>(std::move(field), scaling.code(),
                                                    runge_kutta_named(options.method), options.substeps);
}

template class LinearPlus<float>;
template class LinearPlus<double>;
template DynamicsPtr<float> linear_plus(const CodeScaling&, nn::FunctionPtr<float>, const LinearPlusOptions&);
template DynamicsPtr<double> linear_plus(const CodeScaling&, nn::FunctionPtr<double>,
                                         const LinearPlusOptions&);

}  // namespace hypercast::hyper
