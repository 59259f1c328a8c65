#include "pde/solver/integrator.hpp"

#include <algorithm>
#include <cmath>

namespace hypercast::pde {

// Exceptions must not cross PETSc's frames: a callback keeps its own and returns a code, call() throws it
// again.
template <class Work>
PetscErrorCode IntegratorTs::guarded(Work work) {
  try {
    work();
    return 0;
  } catch (...) {
    thrown_ = std::current_exception();
    return PETSC_ERR_USER;
  }
}

void IntegratorTs::call(PetscErrorCode code, Where where) {
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
  petsc_call(code, where);
}

PetscErrorCode IntegratorTs::rhs(TS, PetscReal t, Vec u, Vec out, void* context) {
  auto& self = *static_cast<IntegratorTs*>(context);
  const auto part = self.family_.implicit ? Equation::Part::remainder : Equation::Part::all;
  return self.guarded([&] { self.equation_.evaluate(part, t, u, out); });
}

// F = du/dt - L u
PetscErrorCode IntegratorTs::implicit(TS, PetscReal, Vec u, Vec udot, Vec out, void* context) {
  auto& self = *static_cast<IntegratorTs*>(context);
  return self.guarded([&] {
    petsc_call(MatMult(self.linear_, u, out));
    petsc_call(VecAYPX(out, -1, udot));
  });
}

PetscErrorCode IntegratorTs::jacobian(TS, PetscReal, Vec, Vec, PetscReal shift, Mat, Mat, void* context) {
  auto& self = *static_cast<IntegratorTs*>(context);
  return self.guarded([&] { self.update_jacobian(shift); });
}

// J = shift - L. Left alone while the shift stays, so that its factors are used again.
void IntegratorTs::update_jacobian(double shift) {
  if (shift_ == shift) return;
  petsc_call(MatCopy(linear_, jacobian_, SAME_NONZERO_PATTERN));
  petsc_call(MatScale(jacobian_, -1));
  petsc_call(MatShift(jacobian_, shift));
  shift_ = shift;
}

IntegratorTs::IntegratorTs(const FdGrid& grid, Equation& equation, bool is_linear, const TimeOptions& time,
                           Vec state)
    : grid_(grid),
      equation_(equation),
      is_linear_(is_linear),
      time_(time),
      family_(find_integrator(time.integrator)),
      step_(time.fixed_step()) {
  petsc_call(TSCreate(PetscObjectComm(reinterpret_cast<PetscObject>(state)), ts_.out()));
  petsc_call(TSSetRHSFunction(ts_, nullptr, rhs, this));
  if (family_.implicit) {
    linear_ = make_matrix(grid_, equation_.terms());
    petsc_call(MatDuplicate(linear_, MAT_COPY_VALUES, jacobian_.out()));
    petsc_call(TSSetIFunction(ts_, nullptr, implicit, this));
    petsc_call(TSSetIJacobian(ts_, jacobian_, jacobian_, jacobian, this));
  }
  choose_method();
  if (family_.implicit) choose_linear_solver();
  petsc_call(TSSetErrorIfStepFails(ts_, PETSC_FALSE));
  petsc_call(TSSetMaxSteps(ts_, PETSC_MAX_INT));
  petsc_call(TSSetSolution(ts_, state));
  petsc_call(TSSetTime(ts_, time_.start));
  petsc_call(TSSetTimeStep(ts_, step_));
  petsc_call(TSSetFromOptions(ts_));
  call(TSSetUp(ts_));
  if (family_.implicit) read_late_options();
}

void IntegratorTs::choose_method() {
  petsc_call(TSSetType(ts_, time_.integrator.c_str()));
  const std::string method = time_.method_in_force();
  if (family_.name == "rk") petsc_call(TSRKSetType(ts_, method.c_str()));
  if (family_.name == "arkimex") petsc_call(TSARKIMEXSetType(ts_, method.c_str()));
  if (family_.name == "rosw") petsc_call(TSRosWSetType(ts_, method.c_str()));
  if (family_.name == "ssp") petsc_call(TSSSPSetType(ts_, method.c_str()));
  if (family_.name == "bdf") petsc_call(TSBDFSetOrder(ts_, std::stoi(method)));

  TSAdapt adapt = nullptr;
  petsc_call(TSGetAdapt(ts_, &adapt));
  if (time_.tolerance == 0) {
    // Steps are counted; PETSc must not shorten the last one, or the Jacobian would change with it.
    petsc_call(TSAdaptSetType(adapt, TSADAPTNONE));
    petsc_call(TSSetExactFinalTime(ts_, TS_EXACTFINALTIME_STEPOVER));
    petsc_call(TSSetMaxTime(ts_, PETSC_MAX_REAL / 2));
  } else {
    petsc_call(TSAdaptSetType(adapt, TSADAPTBASIC));
    petsc_call(TSAdaptSetStepLimits(adapt, 1e-12 * time_.interval(), step_));
    petsc_call(TSSetTolerances(ts_, time_.tolerance, nullptr, time_.tolerance, nullptr));
    petsc_call(TSSetExactFinalTime(ts_, TS_EXACTFINALTIME_MATCHSTEP));
  }
}

// Defaults that [petsc] may change: one linear solve a stage, with an exact preconditioner where the matrix
// is a band on one rank.
void IntegratorTs::choose_linear_solver() {
  SNES snes = nullptr;
  KSP ksp = nullptr;
  PC pc = nullptr;
  petsc_call(TSGetSNES(ts_, &snes));
  petsc_call(SNESGetKSP(snes, &ksp));
  petsc_call(KSPGetPC(ksp, &pc));
  const bool additive = family_.name == "arkimex" || family_.name == "rosw";
  if (additive || is_linear_) petsc_call(SNESSetType(snes, SNESKSPONLY));
  petsc_call(KSPSetTolerances(ksp, 1e-10, PETSC_DEFAULT, PETSC_DEFAULT, PETSC_DEFAULT));
  const bool band = grid_.dims() == 1 && grid_.ranks() == 1;
  petsc_call(KSPSetType(ksp, KSPGMRES));  // also around a direct solver, so that ksp_rtol holds on any ranks
  petsc_call(PCSetType(pc, band ? PCLU : grid_.ranks() == 1 ? PCILU : PCBJACOBI));
}

// Preconditioners read some options when they see their first matrix: show them one now.
void IntegratorTs::read_late_options() {
  SNES snes = nullptr;
  KSP ksp = nullptr;
  petsc_call(TSGetSNES(ts_, &snes));
  call(SNESSetUp(snes));
  petsc_call(SNESGetKSP(snes, &ksp));
  update_jacobian(1 / step_);
  petsc_call(KSPSetOperators(ksp, jacobian_, jacobian_));
  petsc_call(KSPSetUp(ksp));
  petsc_call(KSPSetUpOnBlocks(ksp));
}

void IntegratorTs::restart(double t) {
  if (family_.implicit) {
    assemble(grid_, equation_.terms(), linear_);
    shift_.reset();
  }
  petsc_call(TSSetTime(ts_, t));
  petsc_call(TSSetStepNumber(ts_, 0));
  petsc_call(TSRestartStep(ts_));
  steps_ = 0;
  proposed_ = step_;
}

double IntegratorTs::time() const {
  PetscReal t = 0;
  petsc_call(TSGetTime(ts_, &t));
  return t;
}

bool IntegratorTs::take_step() {
  const PetscErrorCode code = TSStep(ts_);
  // PETSc's words for numbers that have blown up; all ranks hear them, as they come from norms.
  if (!thrown_ && (code == PETSC_ERR_FP || code == PETSC_ERR_NOT_CONVERGED)) return false;
  call(code);
  ++steps_;
  TSConvergedReason reason = TS_CONVERGED_ITERATING;
  petsc_call(TSGetConvergedReason(ts_, &reason));
  return reason >= 0;
}

bool IntegratorTs::integrate_to(double t) {
  if (time_.tolerance == 0) {
    for (int n = time_.steps_per_frame(); n > 0; --n) {
      petsc_call(TSSetTimeStep(ts_, step_));
      if (!take_step()) return false;
    }
  } else {
    const double almost = t - 1e-12 * time_.interval();
    petsc_call(TSSetMaxTime(ts_, t));
    petsc_call(TSSetTimeStep(ts_, std::min(proposed_, t - time())));
    while (time() < almost) {
      if (!take_step()) return false;
      // The last step was cut to end on the frame: the next frame starts with the one before it.
      if (time() < almost) petsc_call(TSGetTimeStep(ts_, &proposed_));
    }
  }
  petsc_call(TSSetTime(ts_, t));  // rounding of the summed steps does not pile up
  return true;
}

// J v against (F(u + e v, udot + shift e v) - F(u - e v, ...)) / 2e.
double IntegratorTs::jacobian_error() const {
  if (!family_.implicit) return 0;
  Vec state = nullptr;
  petsc_call(TSGetSolution(ts_, &state));
  std::array<VecHandle, 5> work;
  for (auto& vector : work) petsc_call(VecDuplicate(state, vector.out()));
  const auto& [v, moved, rate, plus, minus] = work;
  const double shift = 1 / step_, e = 1e-3;
  petsc_call(VecSetRandom(v, nullptr));
  for (const double side : {e, -e}) {
    petsc_call(VecWAXPY(moved, side, v, state));
    petsc_call(VecCopy(v, rate));
    petsc_call(VecScale(rate, side * shift));
    petsc_call(TSComputeIFunction(ts_, time(), moved, rate, side > 0 ? plus : minus, PETSC_TRUE));
  }
  petsc_call(VecAXPY(plus, -1, minus));
  petsc_call(VecScale(plus, 1 / (2 * e)));
  petsc_call(TSComputeIJacobian(ts_, time(), state, rate, shift, jacobian_, jacobian_, PETSC_TRUE));
  petsc_call(MatMult(jacobian_, v, minus));
  PetscReal size = 0, error = 0;
  petsc_call(VecNorm(minus, NORM_INFINITY, &size));
  petsc_call(VecAXPY(plus, -1, minus));
  petsc_call(VecNorm(plus, NORM_INFINITY, &error));
  return error / size;
}

}  // namespace hypercast::pde
