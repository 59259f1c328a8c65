// Learned damped oscillators: [1, e^{-s_k t} cos(w_k t), e^{-s_k t} sin(w_k t)], s_k = softplus(r_k), started
// at the rates of a dynamic mode decomposition of the training frames. Nothing can grow, so H(t) stays
// bounded beyond the window; where the dynamics are linear it extrapolates.

#include <cmath>

#include "hyper/encoder.hpp"

namespace hypercast::hyper {

namespace {

double softplus(double r) { return r > 30 ? r : std::log1p(std::exp(r)); }
double sigmoid(double r) { return 1 / (1 + std::exp(-r)); }
double inverse_softplus(double s) { return s > 30 ? s : std::log(std::expm1(s)); }

// w = [r_1 .. r_K | w_1 .. w_K]
template <class Real>
class Oscillators final : public nn::Function<Real> {
 public:
  explicit Oscillators(std::vector<std::complex<double>> rates) : rates_(std::move(rates)) {}

  std::size_t inputs() const override { return 1; }
  std::size_t outputs() const override { return 1 + 2 * rates_.size(); }
  std::size_t params() const override { return 2 * rates_.size(); }
  std::vector<nn::Block> blocks() const override {
    return {{"damping", 0, rates_.size(), 1, true}, {"frequency", rates_.size(), rates_.size(), 1, true}};
  }
  std::size_t tape_size(std::size_t) const override { return 0; }

  void initialise(std::span<Real> w, const Random&) const override {
    constexpr double slowest = 1e-4;  // a damping of zero has no inverse softplus
    for (std::size_t k = 0; k < rates_.size(); ++k) {
      w[k] = static_cast<Real>(inverse_softplus(std::max(slowest, -rates_[k].real())));
      w[rates_.size() + k] = static_cast<Real>(rates_[k].imag());
    }
  }
  void forward(std::span<const Real> w, std::span<const Real> x, std::span<Real> y,
               std::span<Real>) const override {
    for (std::size_t i = 0; i < x.size(); ++i) {
      Real* row = y.data() + i * outputs();
      *row++ = 1;
      for (std::size_t k = 0; k < rates_.size(); ++k) {
        const auto z = value(w, k, x[i]);
        *row++ = static_cast<Real>(z.real());
        *row++ = static_cast<Real>(z.imag());
      }
    }
  }
  void backward(std::span<const Real> w, std::span<const Real> x, std::span<Real>, std::span<const Real> dy,
                std::span<Real> dw, std::span<Real> dx) const override {
    for (std::size_t i = 0; i < x.size(); ++i) {
      const Real* row = dy.data() + i * outputs() + 1;
      double slope = 0;
      for (std::size_t k = 0; k < rates_.size(); ++k, row += 2) {
        const auto z = value(w, k, x[i]);
        const double s = softplus(w[k]), frequency = w[rates_.size() + k];
        const double along = row[0] * z.real() + row[1] * z.imag();   // dL/d log|z|
        const double across = row[1] * z.real() - row[0] * z.imag();  // dL/d arg z
        dw[k] += static_cast<Real>(-along * x[i] * sigmoid(w[k]));
        dw[rates_.size() + k] += static_cast<Real>(across * x[i]);
        slope += -s * along + frequency * across;
      }
      if (!dx.empty()) dx[i] = static_cast<Real>(slope);
    }
  }

 private:
  std::complex<double> value(std::span<const Real> w, std::size_t k, double t) const {
    return std::polar(std::exp(-softplus(w[k]) * t), w[rates_.size() + k] * t);
  }

  std::vector<std::complex<double>> rates_;
};

class TimeSpectral final : public EncoderKind {
 public:
  void describe(Section& s) override {
    s.about("Learned damped oscillators e^{lambda t}, started from a DMD of the training frames.");
    s.key("modes", modes_, "most modes taken from the DMD").at_least(1).at_most(200);
  }
  int wants_rates() const override { return modes_; }
  nn::FunctionPtr<float> make(const ConditionFacts& facts, float) const override {
    return made<float>(facts);
  }
  nn::FunctionPtr<double> make(const ConditionFacts& facts, double) const override {
    return made<double>(facts);
  }

 private:
  template <class Real>
  static nn::FunctionPtr<Real> made(const ConditionFacts& facts) {
    std::vector<std::complex<double>> upper;  // one of each conjugate pair
    for (const auto& rate : facts.rates)
      if (rate.imag() >= 0) upper.push_back(rate);
    return std::make_unique<Oscillators<Real>>(std::move(upper));
  }

  int modes_ = 20;
};

}  // namespace

void register_time_spectral(EncoderRegistry& registry) {
  registry.add("time_spectral", "learned damped oscillators, started from a DMD",
               [] { return std::make_unique<TimeSpectral>(); });
}

}  // namespace hypercast::hyper
