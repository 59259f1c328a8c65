#pragma once
// PETSc's TS around a semi-discrete equation: callbacks, families, linear solver, and options read before the
// first step.

#include <exception>

#include "pde/options.hpp"
#include "pde/solver/semidiscrete.hpp"

namespace hypercast::pde {

class IntegratorTs {
 public:
  // COLLECTIVE. `state` is what is integrated; everything is borrowed.
  IntegratorTs(Semidiscrete& equation, bool is_linear, const TimeOptions& time, Vec state);
  IntegratorTs(const IntegratorTs&) = delete;
  IntegratorTs& operator=(const IntegratorTs&) = delete;

  // COLLECTIVE. Forgets all history; takes up new parameters of the equation.
  void restart(double t);
  // COLLECTIVE. Integrates up to a time, in equal steps no longer than time.step, or adaptive ones. False
  // when the integrator gave up.
  bool integrate_to(double t);
  std::int64_t steps() const { return steps_; }
  double time() const;
  double jacobian_error() const;

 private:
  static PetscErrorCode rhs(TS, PetscReal t, Vec u, Vec out, void* self);
  static PetscErrorCode implicit(TS, PetscReal t, Vec u, Vec udot, Vec out, void* self);
  static PetscErrorCode jacobian(TS, PetscReal t, Vec u, Vec udot, PetscReal shift, Mat a, Mat b, void* self);
  template <class Work>
  PetscErrorCode guarded(Work work);
  void call(PetscErrorCode code, Where where = Where::here());

  bool solves() const { return family_.linear == Integrator::Linear::solved; }
  bool by_modes() const { return family_.linear == Integrator::Linear::by_modes; }
  void choose_method();
  void choose_adaptivity();
  void choose_linear_solver();
  void read_late_options();
  bool take_step();
  bool fixed_steps(double interval);
  bool adaptive_steps(double t, double interval);
  bool halved_steps(double interval);

  Semidiscrete& equation_;
  const bool is_linear_;
  const TimeOptions time_;
  const Integrator& family_;
  double proposed_ = 0;  // the adaptive step before it was cut to hit a frame
  int halvings_ = 0;     // of the interval between frames, where the step is halved and doubled
  std::int64_t steps_ = 0, steps_of_interval_ = 0;
  TsHandle ts_;
  std::exception_ptr thrown_;  // by a callback, on its way through C
};

}  // namespace hypercast::pde
