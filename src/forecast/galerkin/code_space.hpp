#pragma once
// A code as unknowns: theta = H(z, mu), J = J_theta dtheta/dz (hyper::CodeField). Few unknowns, whatever the
// size of the INR; where the field is affine in the code, J at points that stay is computed once.

#include <list>

#include "forecast/galerkin/tangent_space.hpp"
#include "hyper/code_field.hpp"

namespace hypercast::forecast {

class CodeSpace final : public TangentSpace {
 public:
  // The model (of Condition::code) and phi are borrowed; mu as H takes it (Model::scaled_parameters).
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
  void forget() override { places_.clear(); }

 private:
  // The points of one call, and J there once a product has asked for it.
  struct Place {
    Buffer<double> x, z, rows;  // rows are J at z
    hyper::CodeField field;
  };
  Place& at(std::span<const double> x);
  std::span<const double> rows(std::span<const double> z, std::span<const double> x);

  const hyper::Model<double>& model_;
  std::span<const double> phi_;
  Buffer<double> mu_;
  std::size_t size_;         // of the code
  std::list<Place> places_;  // the latest first: the grid's share, and the points of the projection
};

}  // namespace hypercast::forecast
