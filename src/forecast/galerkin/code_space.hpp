#pragma once
// The code of a latent model as unknowns: few of them, J = J_theta dtheta/dz.

#include "forecast/galerkin/tangent_space.hpp"
#include "hyper/code_field.hpp"

namespace hypercast::forecast {

class CodeSpace final : public TangentSpace {
 public:
  // mu as H takes it. Model and phi are borrowed.
  CodeSpace(const hyper::Model<double>& model, std::span<const double> phi, std::span<const double> mu);

  std::size_t unknowns() const override { return size_; }
  std::size_t channels() const override { return model_.inr.channels(); }
  std::size_t inputs() const override { return model_.inr.inputs(); }
  std::size_t params() const override { return model_.inr.params(); }

  void weights(std::span<const double> z, std::span<double> theta) const override;
  void field(std::span<const double> z, std::span<const double> x, std::span<double> u) override;
  void jacobian(std::span<const double> z, std::span<const double> x, std::span<double> rows) override;
  void multiply(std::span<const double> z, std::span<const double> x, std::span<const double> v,
                std::span<double> out) override;
  void multiply_transposed(std::span<const double> z, std::span<const double> x, std::span<const double> r,
                           std::span<double> out) override;

 private:
  hyper::CodeField& at(std::span<const double> x);
  std::span<const double> rows_at(std::span<const double> z, std::span<const double> x);

  const hyper::Model<double>& model_;
  std::span<const double> phi_;
  Buffer<double> mu_;
  std::size_t size_;
  Buffer<double> places_, rows_;             // of the field made last; J there
  std::unique_ptr<hyper::CodeField> field_;  // a field that is linear in z then keeps its J
};

}  // namespace hypercast::forecast
