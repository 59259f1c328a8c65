#include "pde/solver/integrator.hpp"

#include <algorithm>
#include <cmath>

#include "pde/solver/symbol_ts.hpp"

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
  const bool all = self.family_.linear == Integrator::Linear::evaluated;
  const auto part = all ? Semidiscrete::Part::all : Semidiscrete::Part::remainder;
  return self.guarded([&] { self.equation_.evaluate(part, t, u, out); });
}

// F = du/dt - L u
PetscErrorCode IntegratorTs::implicit(TS, PetscReal, Vec u, Vec udot, Vec out, void* context) {
  auto& self = *static_cast<IntegratorTs*>(context);
  return self.guarded([&] {
    petsc_call(MatMult(self.equation_.linear(), u, out));
    petsc_call(VecAYPX(out, -1, udot));
  });
}

PetscErrorCode IntegratorTs::jacobian(TS, PetscReal, Vec, Vec, PetscReal shift, Mat, Mat, void* context) {
  auto& self = *static_cast<IntegratorTs*>(context);
  return self.guarded([&] { self.equation_.set_shift(shift); });
}

IntegratorTs::IntegratorTs(Semidiscrete& equation, bool is_linear, const TimeOptions& time, Vec state)
    : equation_(equation), is_linear_(is_linear), time_(time), family_(find_integrator(time.integrator)) {
  register_symbol_integrators();
  petsc_call(TSCreate(PetscObjectComm(reinterpret_cast<PetscObject>(state)), ts_.out()));
  petsc_call(TSSetRHSFunction(ts_, nullptr, rhs, this));
  if (solves()) {
    petsc_call(TSSetIFunction(ts_, nullptr, implicit, this));
    petsc_call(TSSetIJacobian(ts_, equation_.jacobian(), equation_.jacobian(), jacobian, this));
  }
  choose_method();
  choose_adaptivity();
  if (solves()) choose_linear_solver();
  petsc_call(TSSetErrorIfStepFails(ts_, PETSC_FALSE));
  petsc_call(TSSetMaxSteps(ts_, PETSC_MAX_INT));
  petsc_call(TSSetSolution(ts_, state));
  petsc_call(TSSetTime(ts_, time_.start));
  petsc_call(TSSetTimeStep(ts_, time_.fixed_step()));
  petsc_call(TSSetFromOptions(ts_));
  call(TSSetUp(ts_));
  if (solves()) read_late_options();
}

void IntegratorTs::choose_method() {
  petsc_call(TSSetType(ts_, time_.integrator.c_str()));
  const std::string method = time_.method_in_force();
  if (family_.name == "rk") petsc_call(TSRKSetType(ts_, method.c_str()));
  if (family_.name == "arkimex") petsc_call(TSARKIMEXSetType(ts_, method.c_str()));
  if (family_.name == "rosw") petsc_call(TSRosWSetType(ts_, method.c_str()));
  if (family_.name == "ssp") petsc_call(TSSSPSetType(ts_, method.c_str()));
  if (family_.name == "bdf") petsc_call(TSBDFSetOrder(ts_, std::stoi(method)));
  if (by_modes()) set_symbol(ts_, equation_.symbol());
}

void IntegratorTs::choose_adaptivity() {
  TSAdapt adapt = nullptr;
  petsc_call(TSGetAdapt(ts_, &adapt));
  if (time_.tolerance == 0 || by_modes()) {
    // Steps are counted; PETSc must not shorten the last one, or the Jacobian would change with it.
    petsc_call(TSAdaptSetType(adapt, TSADAPTNONE));
    petsc_call(TSSetExactFinalTime(ts_, TS_EXACTFINALTIME_STEPOVER));
    petsc_call(TSSetMaxTime(ts_, PETSC_MAX_REAL / 2));
    if (by_modes()) set_step_doubling(ts_, time_.tolerance);
  } else {
    petsc_call(TSAdaptSetType(adapt, TSADAPTBASIC));
    petsc_call(TSAdaptSetStepLimits(adapt, 1e-12 * time_.interval(), time_.fixed_step()));
    petsc_call(TSSetTolerances(ts_, time_.tolerance, nullptr, time_.tolerance, nullptr));
    petsc_call(TSSetExactFinalTime(ts_, TS_EXACTFINALTIME_MATCHSTEP));
  }
}

// Defaults that [petsc] may change: one linear solve a stage.
void IntegratorTs::choose_linear_solver() {
  SNES snes = nullptr;
  KSP ksp = nullptr;
  petsc_call(TSGetSNES(ts_, &snes));
  petsc_call(SNESGetKSP(snes, &ksp));
  const bool additive = family_.name == "arkimex" || family_.name == "rosw";
  if (additive || is_linear_) petsc_call(SNESSetType(snes, SNESKSPONLY));
  petsc_call(KSPSetTolerances(ksp, 1e-10, PETSC_DEFAULT, PETSC_DEFAULT, PETSC_DEFAULT));
  equation_.choose_linear_solver(ksp);
}

// Preconditioners read some options when they see their first matrix: show them one now.
void IntegratorTs::read_late_options() {
  SNES snes = nullptr;
  KSP ksp = nullptr;
  petsc_call(TSGetSNES(ts_, &snes));
  call(SNESSetUp(snes));
  petsc_call(SNESGetKSP(snes, &ksp));
  equation_.set_shift(1 / time_.fixed_step());
  petsc_call(KSPSetOperators(ksp, equation_.jacobian(), equation_.jacobian()));
  petsc_call(KSPSetUp(ksp));
  petsc_call(KSPSetUpOnBlocks(ksp));
}

void IntegratorTs::restart(double t) {
  if (equation_.refresh() && by_modes()) set_symbol(ts_, equation_.symbol());
  petsc_call(TSSetTime(ts_, t));
  petsc_call(TSSetStepNumber(ts_, 0));
  petsc_call(TSRestartStep(ts_));
  steps_ = 0;
  proposed_ = time_.fixed_step();
  halvings_ = 0;
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
  Vec state = nullptr;
  PetscInt number = 0;
  petsc_call(TSGetSolution(ts_, &state));
  constexpr int seldom = 16;  // in so many steps rounding errors grow by a few digits at most
  if (++steps_of_interval_ % seldom == 0) equation_.make_real(state);
  petsc_call(TSGetStepNumber(ts_, &number));
  call(TSMonitor(ts_, number, time(), state));
  TSConvergedReason reason = TS_CONVERGED_ITERATING;
  petsc_call(TSGetConvergedReason(ts_, &reason));
  return reason >= 0;
}

bool IntegratorTs::integrate_to(double t) {
  const double interval = t - time();
  steps_of_interval_ = 0;
  const bool ended = time_.tolerance == 0 ? fixed_steps(interval)
                     : by_modes()         ? halved_steps(interval)
                                          : adaptive_steps(t, interval);
  if (ended) petsc_call(TSSetTime(ts_, t));  // rounding of the summed steps does not pile up
  return ended;
}

// Between frames the step has always the same bits, so that what is kept for it can be used again.
bool IntegratorTs::fixed_steps(double interval) {
  const bool frame = std::abs(interval - time_.interval()) < 1e-9 * interval;
  const int count = frame ? time_.steps_per_frame() : time_.steps_for(interval);
  for (int n = count; n > 0; --n) {
    petsc_call(TSSetTimeStep(ts_, frame ? time_.fixed_step() : interval / count));
    if (!take_step()) return false;
  }
  return true;
}

bool IntegratorTs::adaptive_steps(double t, double interval) {
  const double almost = t - 1e-12 * interval;
  petsc_call(TSSetMaxTime(ts_, t));
  petsc_call(TSSetTimeStep(ts_, std::min(proposed_, t - time())));
  while (time() < almost) {
    if (!take_step()) return false;
    // The last step was cut to end on the frame: the next frame starts with the one before it.
    if (time() < almost) petsc_call(TSGetTimeStep(ts_, &proposed_));
  }
  return true;
}

// Steps of the largest one halved again and again: a step of too large an error is taken back and halved,
// after one of a small error the step is doubled as soon as it would end where a doubled one may. Few step
// sizes occur, so their coefficients are computed once, and rounding seldom changes a decision.
bool IntegratorTs::halved_steps(double interval) {
  constexpr int most = 30;
  const bool frame = std::abs(interval - time_.interval()) < 1e-9 * interval;
  const int count = frame ? time_.steps_per_frame() : time_.steps_for(interval);
  const double largest = frame ? time_.fixed_step() : interval / count;
  const auto whole = std::int64_t{count} << most;  // the interval in units of the smallest step
  for (std::int64_t done = 0; done < whole;) {
    const std::int64_t length = std::int64_t{1} << (most - halvings_);
    petsc_call(TSSetTimeStep(ts_, std::ldexp(largest, -halvings_)));
    if (!take_step()) return false;
    const double error = scaled_error(ts_);
    if (!(error <= 1)) {
      if (halvings_ == most) return false;
      petsc_call(TSRollBack(ts_));
      --steps_;
      ++halvings_;
      continue;
    }
    done += length;
    if (error < 1.0 / 64 && halvings_ > 0 && done % (2 * length) == 0) --halvings_;
  }
  return true;
}

// J v against (F(u + e v, udot + shift e v) - F(u - e v, ...)) / 2e.
double IntegratorTs::jacobian_error() const {
  if (!solves()) return 0;
  Vec state = nullptr;
  petsc_call(TSGetSolution(ts_, &state));
  std::array<VecHandle, 5> work;
  for (auto& vector : work) petsc_call(VecDuplicate(state, vector.out()));
  const auto& [v, moved, rate, plus, minus] = work;
  const double shift = 1 / time_.fixed_step(), e = 1e-3;
  petsc_call(VecSetRandom(v, nullptr));
  for (const double side : {e, -e}) {
    petsc_call(VecWAXPY(moved, side, v, state));
    petsc_call(VecCopy(v, rate));
    petsc_call(VecScale(rate, side * shift));
    petsc_call(TSComputeIFunction(ts_, time(), moved, rate, side > 0 ? plus : minus, PETSC_TRUE));
  }
  petsc_call(VecAXPY(plus, -1, minus));
  petsc_call(VecScale(plus, 1 / (2 * e)));
  petsc_call(TSComputeIJacobian(ts_, time(), state, rate, shift, equation_.jacobian(), equation_.jacobian(),
                                PETSC_TRUE));
  petsc_call(MatMult(equation_.jacobian(), v, minus));
  PetscReal size = 0, error = 0;
  petsc_call(VecNorm(minus, NORM_INFINITY, &size));
  petsc_call(VecAXPY(plus, -1, minus));
  petsc_call(VecNorm(plus, NORM_INFINITY, &error));
  return error / size;
}

}  // namespace hypercast::pde
