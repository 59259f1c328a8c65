// Quadratic dynamics, dz/dt = a + A z + B (x (x) x) with x = [z, mu] integrated by a Runge-Kutta method: what
// a Galerkin projection of an equation with quadratic terms looks like in codes that are linear in the field.
// B. Peherstorfer, K. Willcox, "Data-driven operator inference for nonintrusive projection-based model
// reduction", Comput. Methods Appl. Mech. Eng. 306 (2016). With many codes, B is factored: products of `rank`
// pairs of linear functions, B (x (x) x) = W (U x * V x).

#include <Eigen/Core>
#include <algorithm>
#include <cmath>

#include "hyper/linear_plus.hpp"

namespace hypercast::hyper {

namespace {

template <class Real>
using RowMajor = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class Real>
using View = Eigen::Map<RowMajor<Real>>;
template <class Real>
using ConstView = Eigen::Map<const RowMajor<Real>>;

// B x (x) x with each product x_i x_j, i <= j, once.
template <class Real>
class AllProducts final : public nn::Function<Real> {
 public:
  AllProducts(std::size_t inputs, std::size_t outputs) : in_(inputs), out_(outputs) {}

  std::size_t inputs() const override { return in_; }
  std::size_t outputs() const override { return out_; }
  std::size_t products() const { return in_ * (in_ + 1) / 2; }
  std::size_t params() const override { return out_ * products(); }
  std::vector<nn::Block> blocks() const override { return {{"quadratic", 0, out_, products(), false}}; }
  std::size_t tape_size(std::size_t rows) const override { return 2 * rows * products(); }
  void initialise(std::span<Real> w, const Random&) const override { std::fill(w.begin(), w.end(), Real(0)); }
  void forward(std::span<const Real> w, std::span<const Real> x, std::span<Real> y,
               std::span<Real> tape) const override {
    const std::size_t rows = x.size() / in_;
    Real* to = tape.data();
    for (std::size_t b = 0; b < rows; ++b) {
      const Real* row = x.data() + b * in_;
      for (std::size_t i = 0; i < in_; ++i)
        for (std::size_t j = i; j < in_; ++j) *to++ = row[i] * row[j];
    }
    View<Real>(y.data(), rows, out_).noalias() = ConstView<Real>(tape.data(), rows, products()) *
                                                 ConstView<Real>(w.data(), out_, products()).transpose();
  }
  void backward(std::span<const Real> w, std::span<const Real> x, std::span<Real> tape,
                std::span<const Real> dy, std::span<Real> dw, std::span<Real> dx) const override {
    const std::size_t rows = x.size() / in_;
    const ConstView<Real> g(dy.data(), rows, out_);
    View<Real>(dw.data(), out_, products()).noalias() +=
        g.transpose() * ConstView<Real>(tape.data(), rows, products());
    if (dx.empty()) return;
    Real* from = tape.data() + rows * products();
    View<Real>(from, rows, products()).noalias() = g * ConstView<Real>(w.data(), out_, products());
    std::fill(dx.begin(), dx.end(), Real(0));
    for (std::size_t b = 0; b < rows; ++b) {
      const Real* row = x.data() + b * in_;
      Real* d_row = dx.data() + b * in_;
      for (std::size_t i = 0; i < in_; ++i) {
        Real sum = 0;
        for (std::size_t j = i; j < in_; ++j, ++from) {
          sum += *from * row[j];
          d_row[j] += *from * row[i];
        }
        d_row[i] += sum;
      }
    }
  }

 private:
  std::size_t in_, out_;
};

// W (U x * V x); w = [U and V (2 rank x inputs) | W (outputs x rank)].
template <class Real>
class FactoredProducts final : public nn::Function<Real> {
 public:
  FactoredProducts(std::size_t inputs, std::size_t outputs, std::size_t rank)
      : in_(inputs), out_(outputs), rank_(rank) {}

  std::size_t inputs() const override { return in_; }
  std::size_t outputs() const override { return out_; }
  std::size_t params() const override { return rank_ * (2 * in_ + out_); }
  std::vector<nn::Block> blocks() const override {
    return {{"quadratic.factors", 0, 2 * rank_, in_, false},
            {"quadratic.weight", 2 * rank_ * in_, out_, rank_, false}};
  }
  // Factors, products, and the derivatives of both.
  std::size_t tape_size(std::size_t rows) const override { return rows * 6 * rank_; }
  void initialise(std::span<Real> w, const Random& random) const override {
    const std::size_t factors = 2 * rank_ * in_;
    for (std::size_t i = 0; i < w.size(); ++i) {
      const double inputs = static_cast<double>(i < factors ? in_ : rank_);
      w[i] = static_cast<Real>(std::sqrt(3 / inputs) * (2 * random.uniform(i) - 1));
    }
  }
  void forward(std::span<const Real> w, std::span<const Real> x, std::span<Real> y,
               std::span<Real> tape) const override {
    const std::size_t rows = x.size() / in_;
    View<Real> factors(tape.data(), rows, 2 * rank_);
    View<Real> products(tape.data() + 2 * rows * rank_, rows, rank_);
    factors.noalias() =
        ConstView<Real>(x.data(), rows, in_) * ConstView<Real>(w.data(), 2 * rank_, in_).transpose();
    products = factors.leftCols(rank_).cwiseProduct(factors.rightCols(rank_));
    View<Real>(y.data(), rows, out_).noalias() =
        products * ConstView<Real>(w.data() + 2 * rank_ * in_, out_, rank_).transpose();
  }
  void backward(std::span<const Real> w, std::span<const Real> x, std::span<Real> tape,
                std::span<const Real> dy, std::span<Real> dw, std::span<Real> dx) const override {
    const std::size_t rows = x.size() / in_;
    const View<Real> factors(tape.data(), rows, 2 * rank_);
    const View<Real> products(tape.data() + 2 * rows * rank_, rows, rank_);
    View<Real> d_factors(tape.data() + 3 * rows * rank_, rows, 2 * rank_);
    View<Real> d_products(tape.data() + 5 * rows * rank_, rows, rank_);
    const ConstView<Real> g(dy.data(), rows, out_);
    View<Real>(dw.data() + 2 * rank_ * in_, out_, rank_).noalias() += g.transpose() * products;
    d_products.noalias() = g * ConstView<Real>(w.data() + 2 * rank_ * in_, out_, rank_);
    d_factors.leftCols(rank_) = d_products.cwiseProduct(factors.rightCols(rank_));
    d_factors.rightCols(rank_) = d_products.cwiseProduct(factors.leftCols(rank_));
    View<Real>(dw.data(), 2 * rank_, in_).noalias() +=
        d_factors.transpose() * ConstView<Real>(x.data(), rows, in_);
    if (dx.empty()) return;
    View<Real>(dx.data(), rows, in_).noalias() = d_factors * ConstView<Real>(w.data(), 2 * rank_, in_);
  }

 private:
  std::size_t in_, out_, rank_;
};

class Quadratic final : public DynamicsKind {
 public:
  void describe(Section& s) override {
    s.about("dz/dt = a + A z + products of codes and parameters, integrated by a Runge-Kutta method.");
    s.key("rank", rank_, "products of two linear functions; 0: all products of two components").at_least(0);
    rest_.describe(s, "each product");
  }
  DynamicsPtr<float> make(const CodeScaling& scaling, float) const override { return made<float>(scaling); }
  DynamicsPtr<double> make(const CodeScaling& scaling, double) const override {
    return made<double>(scaling);
  }

 private:
  template <class Real>
  DynamicsPtr<Real> made(const CodeScaling& scaling) const {
    const std::size_t d = scaling.code(), inputs = d + scaling.parameters();
    nn::FunctionPtr<Real> products;
    if (rank_ == 0)
      products = std::make_unique<AllProducts<Real>>(inputs, d);
    else
      products = std::make_unique<FactoredProducts<Real>>(inputs, d, static_cast<std::size_t>(rank_));
    return linear_plus<Real>(scaling, std::move(products), rest_);
  }

  int rank_ = 0;
  LinearPlusOptions rest_{"midpoint", 2, 0};
};

}  // namespace

void register_quadratic(DynamicsRegistry& registry) {
  registry.add("quadratic", "products of codes", [] { return std::make_unique<Quadratic>(); });
}

}  // namespace hypercast::hyper
