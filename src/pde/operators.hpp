#pragma once
// What a right-hand side may do with fields: differentiate and multiply them, on the block of points that
// this rank owns. Finite differences and Fourier series both stand behind it; an equation cannot tell which.
//
// A field here is one channel on the local block: a span of size() values, last axis fastest.

#include <memory>
#include <span>
#include <vector>

#include "core/buffer.hpp"
#include "pde/domain.hpp"

namespace hypercast::pde {

// A field made ready to be differentiated, once: finite differences fetch its halo, Fourier its transform.
// Must not outlive the Operators that made it.
class Operand {
 public:
  virtual ~Operand() = default;
};

class Operators {
 public:
  virtual ~Operators() = default;

  virtual const Domain& domain() const = 0;
  virtual std::size_t size() const = 0;                             // local points
  virtual std::span<const double> coordinates(int axis) const = 0;  // of each local point

  // COLLECTIVE.
  virtual std::unique_ptr<Operand> operand(std::span<const double> field) = 0;
  // out += factor * d^order field / dx_axis^order
  virtual void add_derivative(const Operand& field, int axis, int order, double factor,
                              std::span<double> out) = 0;
  // out = a b, dealiased where the discretisation needs it. `out` may be `a` or `b`.
  virtual void product(std::span<const double> a, std::span<const double> b, std::span<double> out) = 0;

  void derivative(const Operand& field, int axis, int order, std::span<double> out);  // out = ...
  // Memory of size() values for intermediate results; its contents are undefined at the start of a right-hand
  // side. One buffer a slot: 0, 1, 2, ...
  std::span<double> scratch(std::size_t slot);

 private:
  std::vector<Buffer<double>> scratch_;
};

}  // namespace hypercast::pde
