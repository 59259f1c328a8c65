#pragma once
// Vector fields with a linear part, f = A [y, mu] + a + N(s [y, mu]), for any nonlinear N. Training starts
// from linear dynamics: A and a from the propagator fitted by least squares, N near zero. The fixed factors s
// bring components of small variance nearer to size one.

#include "hyper/runge_kutta_dynamics.hpp"

namespace hypercast::hyper {

// w = [A (outputs x inputs) | a | w of N]
template <class Real>
class LinearPlus final : public nn::Function<Real> {
 public:
  // `factors`: s, one for each input.
  LinearPlus(std::vector<double> factors, nn::FunctionPtr<Real> nonlinear);

  std::size_t inputs() const override { return nonlinear_->inputs(); }
  std::size_t outputs() const override { return nonlinear_->outputs(); }
  std::size_t linear() const { return outputs() * (inputs() + 1); }  // |A| + |a|
  std::size_t params() const override { return linear() + nonlinear_->params(); }
  std::vector<nn::Block> blocks() const override;
  std::size_t tape_size(std::size_t rows) const override;
  // A = 0, a = 0; the last matrix of N is a hundredth of what N itself begins with.
  void initialise(std::span<Real> w, const Random& random) const override;
  std::size_t packed_size() const override;
  std::size_t packed_gradient_size() const override;
  std::span<const Real> pack(std::span<const Real> w, std::span<Real> storage) const override;
  void unpack_gradient(std::span<const Real> d_packed, std::span<Real> dw) const override;
  void forward(std::span<const Real> packed, std::span<const Real> x, std::span<Real> y,
               std::span<Real> tape) const override;
  void backward(std::span<const Real> packed, std::span<const Real> x, std::span<Real> tape,
                std::span<const Real> dy, std::span<Real> d_packed, std::span<Real> dx) const override;

 private:
  // Where N's part begins in packed parameters and their gradient: behind A and a.
  std::size_t rest() const;
  void scale(std::span<const Real> x, std::span<Real> scaled) const;

  Buffer<Real> factors_;
  nn::FunctionPtr<Real> nonlinear_;
};

// Factors that divide each component of a code by its deviation to the power `whitening`, in [0, 1], such
// that what N sees has mean square one; parameters are passed on as they are.
std::vector<double> whitening_factors(const CodeScaling& scaling, double whitening);

// Keys of the kinds of dynamics that have such a field; their defaults differ.
struct LinearPlusOptions {
  std::string method = "midpoint";
  int substeps = 1;
  double whitening = 0.5;
  void describe(Section& s, const std::string& nonlinear);  // what the whitened codes go into: "N"
};

// Dynamics of such a field.
template <class Real>
DynamicsPtr<Real> linear_plus(const CodeScaling& scaling, nn::FunctionPtr<Real> nonlinear,
                              const LinearPlusOptions& options);

}  // namespace hypercast::hyper
