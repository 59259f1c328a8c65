#pragma once
// PETSc's TS around an Equation: callbacks, families, linear solver, and options read before the first step.

#include <exception>
#include <optional>

#include "pde/options.hpp"
#include "pde/solver/equation.hpp"
#include "pde/solver/fd_matrix.hpp"

namespace hypercast::pde {

class IntegratorTs {
 public:
  // COLLECTIVE. `state` is what is integrated; everything is borrowed.
  IntegratorTs(const FdGrid& grid, Equation& equation, bool is_linear, const TimeOptions& time, Vec state);
  IntegratorTs(const IntegratorTs&) = delete;
  IntegratorTs& operator=(const IntegratorTs&) = delete;

  // COLLECTIVE. Forgets all history; takes up new parameters of the equation.
  void restart(double t);
  // COLLECTIVE. Integrates up to a frame's time. False when the integrator gave up.
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

  void choose_method();
  void choose_linear_solver();
  void read_late_options();
  void update_jacobian(double shift);
  bool take_step();

  const FdGrid& grid_;
  Equation& equation_;
  const bool is_linear_;
  const TimeOptions time_;
  const Integrator& family_;
  double step_;          // the fixed step, or the largest adaptive one
  double proposed_ = 0;  // the adaptive step before it was cut to hit a frame
  std::int64_t steps_ = 0;
  MatHandle linear_, jacobian_;
  std::optional<double> shift_;  // of the Jacobian as it stands
  TsHandle ts_;
  std::exception_ptr thrown_;  // by a callback, on its way through C
};

}  // namespace hypercast::pde
