#pragma once
// Poisson's equation by finite differences on a periodic grid: conjugate gradients under algebraic multigrid,
// to a relative residual of 1e-12. Options of PETSc with the prefix poisson_ change that.

#include "pde/solver/fd_grid.hpp"

namespace hypercast::pde {

class FdPoisson {
 public:
  explicit FdPoisson(const FdGrid& grid);  // COLLECTIVE; borrowed
  // COLLECTIVE. p of mean zero with Lap p = field less its mean. UserError (Exit::diverged) on all ranks when
  // the iteration does not converge.
  Buffer<double> solve(std::span<const double> field);

 private:
  MatHandle matrix_;  // -Lap
  KspHandle ksp_;
  VecHandle right_, solution_;
};

}  // namespace hypercast::pde
