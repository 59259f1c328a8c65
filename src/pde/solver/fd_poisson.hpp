#pragma once
// Poisson's equation by finite differences on a periodic grid. One rank solves it directly: Fourier modes are
// the eigenvectors of the stencils. Several take conjugate gradients under algebraic multigrid, to a relative
// residual of 1e-12; options of PETSc with the prefix poisson_ change that.

#include <memory>

#include "pde/solver/fd_grid.hpp"
#include "pde/solver/fourier_grid.hpp"

namespace hypercast::pde {

class FdPoisson {
 public:
  explicit FdPoisson(const FdGrid& grid);  // COLLECTIVE; borrowed
  // COLLECTIVE. p of mean zero with Lap p = field less its mean. UserError (Exit::diverged) on all ranks when
  // the iteration does not converge.
  Buffer<double> solve(std::span<const double> field);

 private:
  void plan_transform(const FdGrid& grid);
  void prepare_iteration(const FdGrid& grid);
  Buffer<double> transform(std::span<const double> field);
  Buffer<double> iterate(std::span<const double> field);

  std::unique_ptr<FourierGrid> fourier_;  // null on several ranks
  Buffer<double> inverse_;                // of each mode's eigenvalue, 0 for the mean
  Buffer<Complex> modes_;
  MatHandle matrix_;  // -Lap
  KspHandle ksp_;
  VecHandle right_, solution_;
};

}  // namespace hypercast::pde
