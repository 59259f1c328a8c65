// Fixed sinusoids of time: [t, sin(pi f_k t), cos(pi f_k t)] with f_k = 1, 2, ... or doubling, after
// M. Tancik et al., "Fourier features let networks learn high frequency functions in low dimensional
// domains", NeurIPS 2020. t is scaled to [0, 1] over the training window, so f = 1 is half a period per
// window.

#include <cmath>
#include <numbers>

#include "hyper/encoder.hpp"

namespace hypercast::hyper {

namespace {

template <class Real>
class Sinusoids final : public nn::Function<Real> {
 public:
  explicit Sinusoids(std::vector<double> frequencies) : frequencies_(std::move(frequencies)) {}

  std::size_t inputs() const override { return 1; }
  std::size_t outputs() const override { return 1 + 2 * frequencies_.size(); }
  std::size_t params() const override { return 0; }
  std::vector<nn::Block> blocks() const override { return {}; }
  std::size_t tape_size(std::size_t) const override { return 0; }

  void initialise(std::span<Real>, const Random&) const override {}
  void forward(std::span<const Real>, std::span<const Real> x, std::span<Real> y,
               std::span<Real>) const override {
    for (std::size_t i = 0; i < x.size(); ++i) {
      Real* row = y.data() + i * outputs();
      *row++ = 2 * x[i] - 1;
      for (const double f : frequencies_) {
        *row++ = static_cast<Real>(std::sin(std::numbers::pi * f * x[i]));
        *row++ = static_cast<Real>(std::cos(std::numbers::pi * f * x[i]));
      }
    }
  }
  void backward(std::span<const Real>, std::span<const Real> x, std::span<Real>, std::span<const Real> dy,
                std::span<Real>, std::span<Real> dx) const override {
    if (dx.empty()) return;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const Real* row = dy.data() + i * outputs();
      double slope = 2.0 * *row++;
      for (const double f : frequencies_) {
        const double a = std::numbers::pi * f;
        slope += *row++ * a * std::cos(a * x[i]);
        slope -= *row++ * a * std::sin(a * x[i]);
      }
      dx[i] = static_cast<Real>(slope);
    }
  }

 private:
  std::vector<double> frequencies_;
};

class TimeFourier final : public EncoderKind {
 public:
  void describe(Section& s) override {
    s.about("Fixed sinusoids of the scaled time. Interpolates inside the window; does not extrapolate.");
    s.key("frequencies", count_, "number of frequencies").at_least(0).at_most(64);
    s.key("spacing", spacing_, "linear: 1, 2, 3, ...; octaves: 1, 2, 4, ...").one_of({"linear", "octaves"});
  }
  nn::FunctionPtr<float> make(const ConditionFacts&, float) const override { return made<float>(); }
  nn::FunctionPtr<double> make(const ConditionFacts&, double) const override { return made<double>(); }

 private:
  template <class Real>
  nn::FunctionPtr<Real> made() const {
    std::vector<double> frequencies;
    for (int k = 0; k < count_; ++k) frequencies.push_back(spacing_ == "linear" ? k + 1 : std::exp2(k));
    return std::make_unique<Sinusoids<Real>>(std::move(frequencies));
  }

  int count_ = 6;
  std::string spacing_ = "linear";
};

}  // namespace

void register_time_fourier(EncoderRegistry& registry) {
  registry.add("time_fourier", "fixed sinusoids of time", [] { return std::make_unique<TimeFourier>(); });
}

}  // namespace hypercast::hyper
