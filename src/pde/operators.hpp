#pragma once
// What a right-hand side may do with fields: differentiate and multiply them, on the block of points that
// this rank owns. Finite differences and Fourier series both stand behind it; an equation cannot tell which.
//
// A field here is one channel on the local block: a span of size() values, last axis fastest.

#include <array>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "core/buffer.hpp"
#include "pde/domain.hpp"

namespace hypercast::pde {

// Along which axes a field changes sign in the mirror of a Neumann wall, as the velocity through it does. Has
// no meaning on other axes.
using Parity = std::array<bool, 3>;

// A field made ready to be differentiated, once: finite differences fetch its halo, Fourier its transform.
// Must not outlive the Operators that made it, nor the values it was made from.
class Operand {
 public:
  explicit Operand(Parity odd) : odd_(odd) {}
  virtual ~Operand() = default;
  // COLLECTIVE. The field itself; Fourier series compute it when it is first asked for.
  virtual std::span<const double> values() const = 0;
  Parity odd() const { return odd_; }

 private:
  Parity odd_;
};

class Operators {
 public:
  virtual ~Operators() = default;

  virtual const Domain& domain() const = 0;
  virtual std::size_t size() const = 0;                             // local points
  virtual std::span<const double> coordinates(int axis) const = 0;  // of each local point

  // COLLECTIVE.
  virtual std::unique_ptr<Operand> operand(std::span<const double> field, Parity odd = {}) = 0;
  // COLLECTIVE. out += factor * d^order field / dx_axis^order
  virtual void add_derivative(const Operand& field, int axis, int order, double factor,
                              std::span<double> out) = 0;
  // COLLECTIVE. out = d^order field / dx_axis^order
  virtual void derivative(const Operand& field, int axis, int order, std::span<double> out);
  // COLLECTIVE. Over all points, of periodic domains and between Neumann walls (solver/mean.hpp).
  virtual double mean(std::span<const double> field) = 0;
  // COLLECTIVE. p of mean zero with Lap p = field less its mean. Periodic domains only.
  virtual std::unique_ptr<Operand> inverse_laplacian(const Operand& field) = 0;
  // COLLECTIVE. out = a b, freed of aliases where the discretisation needs it: for a product that is
  // multiplied again. The last factor may be multiplied point by point, since what rhs() adds is freed of
  // aliases too. `out` may be `a` or `b`.
  virtual void product(std::span<const double> a, std::span<const double> b, std::span<double> out) = 0;

  // Memory of size() values for intermediate results; its contents are undefined at the start of a right-hand
  // side. One buffer a slot: 0, 1, 2, ...
  std::span<double> scratch(std::size_t slot);
  // A field that is the same in every right-hand side, such as a forcing: made when it is first asked for.
  // One field a slot: 0, 1, 2, ...
  std::span<const double> constant(std::size_t slot, const std::function<void(std::span<double>)>& make);
  void forget() { constants_.clear(); }  // the constant fields, when parameters have changed

 private:
  std::vector<Buffer<double>> scratch_, constants_;
};

}  // namespace hypercast::pde
