#include "pde/solver/fd_equation.hpp"

#include <algorithm>

#include "pde/solver/fd_matrix.hpp"

namespace hypercast::pde {

FdEquation::FdEquation(const Comm& comm, const System& system, const Domain& domain, int order)
    : system_(system),
      comm_(static_cast<MPI_Comm>(comm)),
      grid_(comm, system, domain, order),
      operators_(grid_, comm_),
      terms_(system.linear(domain.dims())) {}

VecHandle FdEquation::make_state() const {
  VecHandle state;
  petsc_call(DMCreateGlobalVector(grid_.system_dm(), state.out()));
  return state;
}

void FdEquation::set_values(std::span<const double> values, Vec state) {
  double* out = nullptr;
  petsc_call(VecGetArrayWrite(state, &out));
  std::copy(values.begin(), values.end(), out);
  petsc_call(VecRestoreArrayWrite(state, &out));
}

void FdEquation::get_values(Vec state, std::span<double> values) {
  const double* in = nullptr;
  petsc_call(VecGetArrayRead(state, &in));
  std::copy(in, in + values.size(), values.begin());
  petsc_call(VecRestoreArrayRead(state, &in));
}

bool FdEquation::refresh() {
  operators_.forget();
  auto terms = system_.linear(grid_.dims());
  if (terms == terms_) return false;
  terms_ = std::move(terms);
  if (linear_) assemble(grid_, terms_, linear_);
  shift_.reset();
  return true;
}

void FdEquation::evaluate(Part part, double t, Vec u, Vec dudt) {
  const std::size_t size = operators_.size() * grid_.channels();
  const double* in = nullptr;
  double* out = nullptr;
  petsc_call(VecGetArrayRead(u, &in));
  petsc_call(VecGetArrayWrite(dudt, &out));
  evaluate(part, t, std::span(in, size), std::span(out, size));
  petsc_call(VecRestoreArrayRead(u, &in));
  petsc_call(VecRestoreArrayWrite(dudt, &out));
}

// A state is stored point by point; the System works channel by channel. One channel needs no sorting.
void FdEquation::evaluate(Part part, double t, std::span<const double> u, std::span<double> dudt) {
  std::fill(dudt.begin(), dudt.end(), 0.0);
  if (part == Part::remainder && system_.is_linear()) return;
  const int channels = grid_.channels();
  const std::size_t points = operators_.size();
  in_.resize(channels);
  out_.resize(channels);
  std::vector<std::unique_ptr<Operand>> operands;
  std::vector<const Operand*> fields;
  std::vector<std::span<double>> rates;
  for (int c = 0; c < channels; ++c) {
    std::span<const double> field = u;
    if (channels > 1) {
      in_[c].resize(points);
      out_[c].assign(points, 0.0);
      for (std::size_t i = 0; i < points; ++i) in_[c][i] = u[i * channels + c];
      field = in_[c];
    }
    operands.push_back(operators_.operand(field, system_.odd(c)));
    fields.push_back(operands.back().get());
    rates.push_back(channels > 1 ? std::span<double>(out_[c]) : dudt);
  }
  if (part == Part::all) add_linear(terms_, operators_, fields, rates);
  if (!system_.is_linear()) system_.rhs(t, operators_, fields, rates);
  for (int c = 0; c < channels && channels > 1; ++c)
    for (std::size_t i = 0; i < points; ++i) dudt[i * channels + c] = out_[c][i];
  for (const std::size_t point : grid_.wall_points())
    for (int c = 0; c < channels; ++c) dudt[point * channels + c] = 0;
}

Mat FdEquation::linear() {
  if (!linear_) linear_ = make_matrix(grid_, terms_);
  return linear_;
}

Mat FdEquation::jacobian() {
  if (!jacobian_) petsc_call(MatDuplicate(linear(), MAT_COPY_VALUES, jacobian_.out()));
  return jacobian_;
}

// Left alone while the shift stays, so that the factors of J are used again.
void FdEquation::set_shift(double shift) {
  if (shift_ == shift) return;
  petsc_call(MatCopy(linear(), jacobian(), SAME_NONZERO_PATTERN));
  petsc_call(MatScale(jacobian_, -1));
  petsc_call(MatShift(jacobian_, shift));
  shift_ = shift;
}

// An exact preconditioner where the matrix is a band on one rank.
void FdEquation::choose_linear_solver(KSP ksp) {
  PC pc = nullptr;
  petsc_call(KSPGetPC(ksp, &pc));
  const bool band = grid_.dims() == 1 && grid_.ranks() == 1;
  petsc_call(KSPSetType(ksp, KSPGMRES));  // also around a direct solver, so that ksp_rtol holds on any ranks
  petsc_call(PCSetType(pc, band ? PCLU : grid_.ranks() == 1 ? PCILU : PCBJACOBI));
}

}  // namespace hypercast::pde
