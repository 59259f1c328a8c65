#pragma once
// The derivative of an INR's values by its weights, J = du/dtheta, as rows or as what it does to vectors.
//
// Rows of J are (point, channel), channels fastest; x[n][inputs] is what Coordinates::embed makes of points.
// u here is what the network returns, before mean and scale of the data are put back.

#include "core/buffer.hpp"
#include "hyper/inr.hpp"
#include "nn/packed.hpp"

namespace hypercast::hyper {

template <class Real>
class InrJacobian {
 public:
  // Owns its workspace: one object a thread of work. The INR is borrowed.
  explicit InrJacobian(const Inr<Real>& inr);

  // rows[n channels][P] = J.
  void rows(std::span<const Real> theta, std::span<const Real> x, std::span<Real> rows);
  // rows[n channels][readout] = the part of J that belongs to the readout alone: values of phi and ones.
  void readout_rows(std::span<const Real> theta, std::span<const Real> x, std::span<Real> rows);
  // out[n channels] = J v, by forward differentiation; v[P].
  void multiply(std::span<const Real> theta, std::span<const Real> x, std::span<const Real> v,
                std::span<Real> out);
  // out[P] += J^T r, by back-propagation; r[n channels].
  void multiply_transposed(std::span<const Real> theta, std::span<const Real> x, std::span<const Real> r,
                           std::span<Real> out);

 private:
  const Inr<Real>& inr_;
  nn::Packed<Real> packed_;
  Buffer<Real> tape_, phi_, d_phi_, hidden_;
};

}  // namespace hypercast::hyper
