#pragma once
// A code as unknowns: theta = H(z, mu), J = J_theta dtheta/dz. Few unknowns, whatever the size of the INR;
// where the field is affine in the code, J at points that stay is computed once.

#include <map>

#include "forecast/galerkin/tangent_space.hpp"
#include "hyper/inr_jacobian.hpp"
#include "hyper/model.hpp"

namespace hypercast::forecast {

class CodeSpace final : public TangentSpace {
 public:
  // The model (of Condition::code) and phi are borrowed; mu as H takes it (Model::scaled_parameters). Where
  // theta is affine in z, dtheta/dz is the same for all codes and computed once, else at each code by central
  // differences.
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
  void forget() override { known_.clear(); }

 private:
  // The field at some points, where it is affine: u = origin + rows z.
  struct Affine {
    Buffer<double> x, origin, rows;
  };
  const Affine& affine_at(std::span<const double> x);
  void compute_jacobian(std::span<const double> z, std::span<const double> x, std::span<double> rows);
  void move_to(std::span<const double> z);  // theta_ and slope_ become those of z
  void differentiate(std::span<const double> z, double step);

  const hyper::Model<double>& model_;
  std::span<const double> phi_;
  Buffer<double> mu_;
  std::size_t size_, first_;  // of the code; of theta the entries before `first_` do not move
  bool affine_;
  // By where the points are in memory; x tells whether they still are the same.
  std::map<std::pair<const double*, std::size_t>, Affine> known_;
  hyper::InrJacobian<double> jacobian_;
  Buffer<double> place_, theta_, slope_, rows_, direction_;  // slope_[d][own] = dtheta_own/dz, by code entry
};

}  // namespace hypercast::forecast
