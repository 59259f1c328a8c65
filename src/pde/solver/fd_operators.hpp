#pragma once
// Operators by finite differences on a DMDA. A value depends on its neighbours' values alone, in a fixed
// order of summation, so results have the same bits on any number of ranks.

#include "pde/operators.hpp"
#include "pde/solver/fd_grid.hpp"
#include "pde/solver/fd_poisson.hpp"

namespace hypercast::pde {

class FdOperators final : public Operators {
 public:
  FdOperators(const FdGrid& grid, const Comm& comm);  // of the grid; both borrowed

  const Domain& domain() const override { return grid_.domain(); }
  std::size_t size() const override { return grid_.owned().size(); }
  std::span<const double> coordinates(int axis) const override { return coordinates_[axis]; }

  std::unique_ptr<Operand> operand(std::span<const double> field, Parity odd = {}) override;
  void add_derivative(const Operand& field, int axis, int order, double factor,
                      std::span<double> out) override;
  double mean(std::span<const double> field) override;
  std::unique_ptr<Operand> inverse_laplacian(const Operand& field) override;
  void product(std::span<const double> a, std::span<const double> b, std::span<double> out) override;

 private:
  const FdGrid& grid_;
  const Comm& comm_;
  std::unique_ptr<FdPoisson> poisson_;  // made when first asked for
  VecHandle lender_;                    // a global vector without values of its own, to scatter from
  std::vector<Buffer<double>> coordinates_;
};

}  // namespace hypercast::pde
