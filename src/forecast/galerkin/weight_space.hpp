#pragma once
// The weights of the INR as unknowns: all of theta, or the part that the hypernetwork's head moves (theta
// ends with it), such as the readout.

#include "forecast/galerkin/tangent_space.hpp"
#include "hyper/inr_jacobian.hpp"

namespace hypercast::forecast {

class WeightSpace final : public TangentSpace {
 public:
  // q is theta from entry `first` on; what lies before it stays as it is in `theta`. The INR is borrowed.
  WeightSpace(const hyper::Inr<double>& inr, std::span<const double> theta, std::size_t first);

  std::size_t unknowns() const override { return theta_.size() - first_; }
  std::size_t channels() const override { return inr_.channels(); }
  std::size_t inputs() const override { return inr_.inputs(); }
  std::size_t params() const override { return theta_.size(); }

  void weights(std::span<const double> q, std::span<double> theta) const override;
  void field(std::span<const double> q, std::span<const double> x, std::span<double> u) override;
  void jacobian(std::span<const double> q, std::span<const double> x, std::span<double> rows) override;
  void multiply(std::span<const double> q, std::span<const double> x, std::span<const double> v,
                std::span<double> out) override;
  void multiply_transposed(std::span<const double> q, std::span<const double> x, std::span<const double> r,
                           std::span<double> out) override;

 private:
  std::span<const double> whole(std::span<const double> q);

  const hyper::Inr<double>& inr_;
  hyper::InrJacobian<double> jacobian_;
  std::size_t first_;
  Buffer<double> theta_, direction_, rows_;
};

}  // namespace hypercast::forecast
