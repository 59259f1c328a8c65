#pragma once
// The field of a code at given points, and its slope along the code: u(z) = g_H(z, mu)(x), J = du/dz. What
// fitting a code to observations, and following the PDE in the space of codes, stand on.

#include "core/buffer.hpp"
#include "hyper/inr_jacobian.hpp"
#include "hyper/model.hpp"

namespace hypercast::hyper {

class CodeField {
 public:
  // The model (of Condition::code) and phi are borrowed; x[n][inputs] (Coordinates::embed) is copied.
  CodeField(const Model<double>& model, std::span<const double> phi, std::span<const double> x);

  std::size_t size() const { return size_; }                            // of a code, d
  std::size_t rows() const { return x_.size() / inputs_ * channels_; }  // points x channels
  // Whether u is affine in z, so that J is the same everywhere.
  bool is_linear() const { return linear_; }

  // u[count][point][channel], normalised, for codes z[count][d] and parameters as H takes them
  // (scaled_parameters()), the same for all.
  void values(std::span<const double> z, std::span<const double> mu, std::span<double> u);
  // J[(point, channel)][d] at the code z[d]. Where the field is linear it is computed once.
  void jacobian(std::span<const double> z, std::span<const double> mu, std::span<double> j);

 private:
  Buffer<double> condition(std::span<const double> z, std::span<const double> mu) const;
  void compute_jacobian(std::span<const double> z, std::span<const double> mu, std::span<double> j);
  // Where the field is linear: J, and the field of z = 0 with these parameters.
  std::span<const double> constant_jacobian();
  std::span<const double> origin(std::span<const double> mu);

  const Model<double>& model_;
  std::span<const double> phi_;
  Buffer<double> x_;
  std::size_t size_, inputs_, channels_;
  bool linear_;
  InrJacobian<double> inr_;
  Buffer<double> jacobian_, origin_, origin_mu_;
};

}  // namespace hypercast::hyper
