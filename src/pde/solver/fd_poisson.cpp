#include "pde/solver/fd_poisson.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "pde/solver/fd_matrix.hpp"
#include "pde/terms.hpp"

namespace hypercast::pde {

FdPoisson::FdPoisson(const FdGrid& grid) {
  check(grid.domain().is_periodic(), "the inverse Laplacian needs a periodic domain");
  if (grid.ranks() == 1)
    plan_transform(grid);
  else
    prepare_iteration(grid);
}

Buffer<double> FdPoisson::solve(std::span<const double> field) {
  return fourier_ ? transform(field) : iterate(field);
}

void FdPoisson::plan_transform(const FdGrid& grid) {
  fourier_ = std::make_unique<FourierGrid>(Comm::self(), grid.domain());
  modes_.resize(fourier_->modes());
  inverse_.assign(modes_.size(), 0.0);
  for (int axis = 0; axis < grid.dims(); ++axis) {
    const Row& row = grid.line(axis, 2, false).interior();
    const auto numbers = fourier_->numbers(axis);
    const double turn = 2 * std::numbers::pi / grid.domain().axes[axis].points;
    for (std::size_t m = 0; m < inverse_.size(); ++m)
      for (std::size_t j = 0; j < row.weights.size() && numbers[m] != 0; ++j)
        inverse_[m] += row.weights[j] * std::cos(turn * numbers[m] * (row.start + static_cast<int>(j)));
  }
  for (double& value : inverse_) value = value == 0 ? 0 : 1 / value;
}

Buffer<double> FdPoisson::transform(std::span<const double> field) {
  fourier_->forward(field, modes_);
  const auto work = fourier_->work();
  for (std::size_t m = 0; m < modes_.size(); ++m) work[m] = fourier_->scale() * inverse_[m] * modes_[m];
  Buffer<double> result(field.size());
  fourier_->inverse(result);
  return result;
}

void FdPoisson::prepare_iteration(const FdGrid& grid) {
  matrix_ = make_scalar_matrix(grid, laplacian(-1, grid.dims()));
  const MPI_Comm comm = PetscObjectComm(reinterpret_cast<PetscObject>(matrix_.get()));
  MatNullSpace constants = nullptr;
  petsc_call(MatNullSpaceCreate(comm, PETSC_TRUE, 0, nullptr, &constants));
  petsc_call(MatSetNullSpace(matrix_, constants));
  petsc_call(MatNullSpaceDestroy(&constants));
  petsc_call(MatSetOption(matrix_, MAT_SYMMETRIC, PETSC_TRUE));
  petsc_call(DMCreateGlobalVector(grid.scalar_dm(), right_.out()));
  petsc_call(VecDuplicate(right_, solution_.out()));
  PC pc = nullptr;
  petsc_call(KSPCreate(comm, ksp_.out()));
  petsc_call(KSPSetOptionsPrefix(ksp_, "poisson_"));
  petsc_call(KSPSetOperators(ksp_, matrix_, matrix_));
  petsc_call(KSPSetType(ksp_, KSPCG));
  petsc_call(KSPSetTolerances(ksp_, 1e-12, PETSC_DEFAULT, PETSC_DEFAULT, 1000));
  petsc_call(KSPGetPC(ksp_, &pc));
  petsc_call(PCSetType(pc, PCGAMG));
  petsc_call(KSPSetFromOptions(ksp_));
  petsc_call(KSPSetUp(ksp_));
}

Buffer<double> FdPoisson::iterate(std::span<const double> field) {
  double* out = nullptr;
  petsc_call(VecGetArrayWrite(right_, &out));
  std::transform(field.begin(), field.end(), out, [](double value) { return -value; });
  petsc_call(VecRestoreArrayWrite(right_, &out));
  PetscScalar sum = 0;
  PetscInt points = 0;
  petsc_call(VecSum(right_, &sum));
  petsc_call(VecGetSize(right_, &points));
  petsc_call(VecShift(right_, -sum / points));
  petsc_call(KSPSolve(ksp_, right_, solution_));
  KSPConvergedReason reason = KSP_CONVERGED_ITERATING;
  petsc_call(KSPGetConvergedReason(ksp_, &reason));
  if (reason < 0) throw UserError(Exit::diverged, "the Poisson solve did not converge");
  const double* in = nullptr;
  petsc_call(VecGetArrayRead(solution_, &in));
  Buffer<double> result(in, in + field.size());
  petsc_call(VecRestoreArrayRead(solution_, &in));
  return result;
}

}  // namespace hypercast::pde
