// Linear dynamics, fitted in closed form: one frame is y' = P(mu) y + c(mu) with P and c polynomials of mu,
// any other time the exponential of the principal logarithm of that map (real part), so that whole frames are
// exact. Like exact dynamic mode decomposition, for many sequences and with parameters.

#include <Eigen/Core>
#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "hyper/dynamics.hpp"
#include "hyper/propagator.hpp"

namespace hypercast::hyper {

namespace {

template <class Real>
using RowMajor = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class Real>
using View = Eigen::Map<RowMajor<Real>>;
template <class Real>
using ConstView = Eigen::Map<const RowMajor<Real>>;

template <class Real>
class LinearDynamics final : public Dynamics<Real> {
 public:
  LinearDynamics(std::size_t code, std::size_t parameters) : d_(code), p_(parameters) {}

  std::size_t params() const override { return d_ * features(); }
  std::vector<nn::Block> blocks() const override {
    return {{"propagator", 0, d_, features(), false}};  // [d][(p + 1)(d + 1)]
  }
  bool is_fitted() const override { return true; }
  bool is_exact_in_time() const override { return true; }
  void initialise(std::span<Real> w, const CodeSequences& sequences, const Random&) const override {
    const auto fit = fit_propagator(sequences);
    std::copy(fit.weights.begin(), fit.weights.end(), w.begin());
  }
  std::size_t tape_size(std::size_t rows, double dt) const override {
    if (!is_whole(dt)) return 0;
    return rows * (2 * features() + d_ * (static_cast<std::size_t>(std::lround(dt)) + 1));
  }
  void step(std::span<const Real> w, std::span<const Real> y, std::span<const Real> mu, double dt,
            std::span<Real> out, std::span<Real> tape) const override {
    if (is_whole(dt)) return step_frames(w, y, mu, static_cast<int>(std::lround(dt)), out, tape);
    for (std::size_t b = 0; b < y.size() / d_; ++b) {
      const auto power = power_of(w, mu.subspan(b * p_, p_), dt);
      const std::vector<Real> row(y.begin() + b * d_, y.begin() + (b + 1) * d_);
      for (std::size_t i = 0; i < d_; ++i) {
        double sum = power[i * (d_ + 1) + d_];
        for (std::size_t j = 0; j < d_; ++j) sum += power[i * (d_ + 1) + j] * row[j];
        out[b * d_ + i] = static_cast<Real>(sum);
      }
    }
  }
  void step_backward(std::span<const Real> w, std::span<const Real> y, std::span<const Real> mu, double dt,
                     std::span<Real> tape, std::span<const Real> d_out, std::span<Real> dw,
                     std::span<Real> dy) const override {
    if (is_whole(dt)) return frames_backward(w, mu, static_cast<int>(std::lround(dt)), tape, d_out, dw, dy);
    for (std::size_t b = 0; b < y.size() / d_; ++b) {
      const auto mine = mu.subspan(b * p_, p_);
      const auto power = power_of(w, mine, dt);
      std::vector<double> d_power((d_ + 1) * (d_ + 1)), d_code(d_);
      for (std::size_t i = 0; i < d_; ++i) {
        const double g = d_out[b * d_ + i];
        d_power[i * (d_ + 1) + d_] = g;
        for (std::size_t j = 0; j < d_; ++j) {
          d_power[i * (d_ + 1) + j] = g * y[b * d_ + j];
          d_code[j] += power[i * (d_ + 1) + j] * g;
        }
      }
      add_factors(power_backward(one_frame(w, mine), dt, d_power), mine, dw);
      std::copy(d_code.begin(), d_code.end(), dy.begin() + b * d_);
    }
  }
  std::optional<double> growth(std::span<const Real> w, std::span<const Real> mu) const override {
    const auto frame = one_frame(w, mu);
    std::vector<double> propagator(d_ * d_);
    for (std::size_t i = 0; i < d_; ++i)
      std::copy_n(frame.begin() + i * (d_ + 1), d_, propagator.begin() + i * d_);
    return spectral_radius(propagator);
  }

 private:
  std::size_t features() const { return (p_ + 1) * (d_ + 1); }
  static bool is_whole(double dt) { return dt >= 0 && dt == std::round(dt); }

  // [P(mu) c(mu); 0 1]
  std::vector<double> one_frame(std::span<const Real> w, std::span<const Real> mu) const {
    const std::size_t n = d_ + 1;
    std::vector<double> m(n * n);
    for (std::size_t i = 0; i < d_; ++i)
      for (std::size_t k = 0; k <= p_; ++k)
        for (std::size_t j = 0; j < n; ++j)
          m[i * n + j] += (k == 0 ? 1.0 : mu[k - 1]) * w[i * features() + k * n + j];
    m.back() = 1;
    return m;
  }
  void add_factors(const std::vector<double>& d_frame, std::span<const Real> mu, std::span<Real> dw) const {
    const std::size_t n = d_ + 1;
    for (std::size_t i = 0; i < d_; ++i)
      for (std::size_t k = 0; k <= p_; ++k)
        for (std::size_t j = 0; j < n; ++j)
          dw[i * features() + k * n + j] +=
              static_cast<Real>((k == 0 ? 1.0 : mu[k - 1]) * d_frame[i * n + j]);
  }
  std::vector<double> power_of(std::span<const Real> w, std::span<const Real> mu, double dt) const {
    auto frame = one_frame(w, mu);
    if (frame != cached_) {
      logarithm_ = matrix_logarithm(frame);
      cached_ = std::move(frame);
      cached_dt_ = NAN;
    }
    if (cached_dt_ != dt) {
      power_ = real_exponential(logarithm_, dt);
      cached_dt_ = dt;
    }
    return power_;
  }

  // x = [1, mu] (x) [y, 1], row by row.
  void spread(std::span<const Real> y, std::span<const Real> mu, std::span<Real> x) const {
    Real* to = x.data();
    for (std::size_t b = 0; b < y.size() / d_; ++b)
      for (std::size_t k = 0; k <= p_; ++k) {
        const Real factor = k == 0 ? Real(1) : mu[b * p_ + k - 1];
        for (std::size_t j = 0; j < d_; ++j) *to++ = factor * y[b * d_ + j];
        *to++ = factor;
      }
  }
  // The tape: codes after 0, 1, ... frames, features, their derivatives.
  void step_frames(std::span<const Real> w, std::span<const Real> y, std::span<const Real> mu, int frames,
                   std::span<Real> out, std::span<Real> tape) const {
    const std::size_t rows = y.size() / d_;
    const auto x = tape.subspan(y.size() * (frames + 1), rows * features());
    std::copy(y.begin(), y.end(), tape.begin());
    for (int k = 0; k < frames; ++k) {
      spread(tape.subspan(k * y.size(), y.size()), mu, x);
      View<Real>(tape.data() + (k + 1) * y.size(), rows, d_).noalias() =
          ConstView<Real>(x.data(), rows, features()) * ConstView<Real>(w.data(), d_, features()).transpose();
    }
    std::copy_n(tape.begin() + frames * y.size(), y.size(), out.begin());
  }
  void frames_backward(std::span<const Real> w, std::span<const Real> mu, int frames, std::span<Real> tape,
                       std::span<const Real> d_out, std::span<Real> dw, std::span<Real> dy) const {
    const std::size_t size = d_out.size(), rows = size / d_;
    const auto x = tape.subspan(size * (frames + 1), rows * features());
    const auto dx = tape.subspan(size * (frames + 1) + x.size(), x.size());
    if (dy.data() != d_out.data()) std::copy(d_out.begin(), d_out.end(), dy.begin());
    for (int k = frames; k-- > 0;) {
      spread(tape.subspan(k * size, size), mu, x);
      const ConstView<Real> g(dy.data(), rows, d_);
      View<Real>(dw.data(), d_, features()).noalias() +=
          g.transpose() * ConstView<Real>(x.data(), rows, features());
      View<Real>(dx.data(), rows, features()).noalias() = g * ConstView<Real>(w.data(), d_, features());
      std::fill(dy.begin(), dy.end(), Real(0));
      for (std::size_t b = 0; b < rows; ++b)
        for (std::size_t m = 0; m <= p_; ++m) {
          const Real factor = m == 0 ? Real(1) : mu[b * p_ + m - 1];
          const Real* from = dx.data() + b * features() + m * (d_ + 1);
          for (std::size_t j = 0; j < d_; ++j) dy[b * d_ + j] += factor * from[j];
        }
    }
  }

  std::size_t d_, p_;
  // The matrix functions last asked for: a forecast asks for the same ones many times. Not for threads.
  mutable std::vector<double> cached_, power_;
  mutable std::vector<std::complex<double>> logarithm_;
  mutable double cached_dt_ = 0;
};

// All products of 1 to `degree` parameters, each once: for two of them mu1, mu2, mu1^2, mu1 mu2, mu2^2, ...
template <class Real>
Buffer<Real> monomials(std::span<const Real> mu, int degree) {
  Buffer<Real> all;
  struct Product {
    Real value;
    std::size_t last;  // of its factors, which come in order
  };
  std::vector<Product> products{{1, 0}};
  for (int k = 0; k < degree; ++k) {
    std::vector<Product> longer;
    for (const auto& [value, last] : products)
      for (std::size_t i = last; i < mu.size(); ++i) longer.push_back({value * mu[i], i});
    for (const auto& product : longer) all.push_back(product.value);
    products = std::move(longer);
  }
  return all;
}

// Dynamics that take monomials of the parameters for parameters.
template <class Real>
class OfMonomials final : public Dynamics<Real> {
 public:
  OfMonomials(std::unique_ptr<LinearDynamics<Real>> inner, std::size_t parameters, int degree)
      : inner_(std::move(inner)), p_(parameters), degree_(degree) {}

  std::size_t params() const override { return inner_->params(); }
  std::vector<nn::Block> blocks() const override { return inner_->blocks(); }
  bool is_fitted() const override { return inner_->is_fitted(); }
  bool is_exact_in_time() const override { return inner_->is_exact_in_time(); }
  void initialise(std::span<Real> w, const CodeSequences& sequences, const Random& random) const override {
    const auto mu = of_rows<float>(sequences.mu);
    CodeSequences with = sequences;
    with.parameters = mu.size() / sequences.count;
    with.mu = mu;
    inner_->initialise(w, with, random);
  }
  std::size_t tape_size(std::size_t rows, double dt) const override { return inner_->tape_size(rows, dt); }
  void step(std::span<const Real> w, std::span<const Real> y, std::span<const Real> mu, double dt,
            std::span<Real> out, std::span<Real> tape) const override {
    inner_->step(w, y, of_rows(mu), dt, out, tape);
  }
  void step_backward(std::span<const Real> w, std::span<const Real> y, std::span<const Real> mu, double dt,
                     std::span<Real> tape, std::span<const Real> d_out, std::span<Real> dw,
                     std::span<Real> dy) const override {
    inner_->step_backward(w, y, of_rows(mu), dt, tape, d_out, dw, dy);
  }
  std::optional<double> growth(std::span<const Real> w, std::span<const Real> mu) const override {
    return inner_->growth(w, of_rows(mu));
  }

 private:
  template <class T>
  Buffer<T> of_rows(std::span<const T> mu) const {
    Buffer<T> all;
    for (std::size_t b = 0; b < mu.size() / p_; ++b) {
      const auto row = monomials(mu.subspan(b * p_, p_), degree_);
      all.insert(all.end(), row.begin(), row.end());
    }
    return all;
  }

  std::unique_ptr<LinearDynamics<Real>> inner_;
  std::size_t p_;
  int degree_;
};

class Linear final : public DynamicsKind {
 public:
  void describe(Section& s) override {
    s.about("dz/dt = A(mu) z + a(mu), fitted by ridge least squares to pairs of frames; exact exponential.");
    s.key("degree", degree_,
          "what a frame does to a code is a polynomial of this degree in the parameters mu")
        .at_least(1)
        .at_most(8);
  }
  DynamicsPtr<float> make(const CodeScaling& scaling, float) const override { return made<float>(scaling); }
  DynamicsPtr<double> make(const CodeScaling& scaling, double) const override {
    return made<double>(scaling);
  }

 private:
  template <class Real>
  DynamicsPtr<Real> made(const CodeScaling& scaling) const {
    const std::size_t d = scaling.code(), p = scaling.parameters();
    const std::size_t products = monomials(std::span<const Real>(Buffer<Real>(p)), degree_).size();
    auto dynamics = std::make_unique<LinearDynamics<Real>>(d, products);
    if (products == p) return dynamics;
    return std::make_unique<OfMonomials<Real>>(std::move(dynamics), p, degree_);
  }

  int degree_ = 2;
};

}  // namespace

void register_linear(DynamicsRegistry& registry) {
  registry.add("linear", "fitted by least squares, exact exponential",
               [] { return std::make_unique<Linear>(); });
}

}  // namespace hypercast::hyper
