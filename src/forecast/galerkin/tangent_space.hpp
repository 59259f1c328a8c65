#pragma once
// What a Galerkin forecast moves: unknowns q, the field that they stand for, and how it answers to them.
//
// Fields are in network units, (u - mean) / scale: every channel then counts alike in a least-squares sum.
// x[n][inputs] is what Coordinates::embed makes of points, J = du/dq has rows (point, channel), channels
// fastest. Calls are this rank's own: no communication.

#include <cstddef>
#include <span>

namespace hypercast::forecast {

class TangentSpace {
 public:
  virtual ~TangentSpace() = default;
  virtual std::size_t unknowns() const = 0;
  virtual std::size_t channels() const = 0;
  virtual std::size_t inputs() const = 0;

  // theta [P] of the INR.
  virtual void weights(std::span<const double> q, std::span<double> theta) const = 0;
  virtual std::size_t params() const = 0;  // P

  // u[n channels]
  virtual void field(std::span<const double> q, std::span<const double> x, std::span<double> u) = 0;
  // rows[n channels][unknowns] = J; the same bits for points of a whole hyper::point_block, whatever others
  // come with it.
  virtual void jacobian(std::span<const double> q, std::span<const double> x, std::span<double> rows) = 0;
  // out[n channels] = J v
  virtual void multiply(std::span<const double> q, std::span<const double> x, std::span<const double> v,
                        std::span<double> out) = 0;
  // out[unknowns] = J^T r
  virtual void multiply_transposed(std::span<const double> q, std::span<const double> x,
                                   std::span<const double> r, std::span<double> out) = 0;

  // Frees what was kept to answer sooner.
  virtual void forget() {}
};

}  // namespace hypercast::forecast
