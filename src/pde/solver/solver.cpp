#include "pde/solver/solver.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "pde/solver/integrator.hpp"

namespace hypercast::pde {

namespace {

VecHandle make_state(const FdGrid& grid) {
  VecHandle state;
  petsc_call(DMCreateGlobalVector(grid.system_dm(), state.out()));
  return state;
}

}  // namespace

struct Solver::Parts {
  Parts(const Comm& comm_, const System& system, const Domain& domain, int order, const TimeOptions& time_)
      : comm(static_cast<MPI_Comm>(comm_)),
        time(time_),
        grid(comm, system, domain, order),
        equation(grid, system),
        state(make_state(grid)),
        integrator(grid, equation, system.is_linear(), time, state) {
    const std::size_t size = grid.owned().size() * grid.channels();
    const double* read = nullptr;
    petsc_call(VecGetArrayRead(state, &read));
    values = {read, size};
    petsc_call(VecRestoreArrayRead(state, &read));
  }
  void check_finite() const {
    const bool finite = std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
    if (!comm.all(finite)) fail("a value is not finite");
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw UserError(Exit::diverged,
                    fmt::format("diverged at t = {:.6g}, on the way to frame {}: {}; a smaller "
                                "time.step or a finer grid may help",
                                integrator.time(), frame + 1, what));
  }

  Comm comm;
  TimeOptions time;
  FdGrid grid;
  Equation equation;
  VecHandle state;
  IntegratorTs integrator;
  std::span<const double> values;  // of `state`, which never moves
  int frame = 0;
};

Solver::Solver(const Comm& comm, const System& system, const Domain& domain, int order,
               const TimeOptions& time)
    : parts_(std::make_unique<Parts>(comm, system, domain, order, time)) {}
Solver::~Solver() = default;

void Solver::start(const State& state) {
  auto& p = *parts_;
  p.equation.refresh();
  p.integrator.restart(p.time.start);
  const FdOperators operators(p.grid);
  const int channels = p.grid.channels(), dims = p.grid.dims();
  std::vector<double> x(dims);
  double* values = nullptr;
  petsc_call(VecGetArrayWrite(p.state, &values));
  for (std::size_t i = 0; i < operators.size(); ++i) {
    for (int a = 0; a < dims; ++a) x[a] = operators.coordinates(a)[i];
    state(x, std::span(values + i * channels, channels));
  }
  petsc_call(VecRestoreArrayWrite(p.state, &values));
  p.frame = 0;
  p.check_finite();
}

void Solver::advance() {
  auto& p = *parts_;
  if (!p.integrator.integrate_to(p.time.frame_time(p.frame + 1))) p.fail("the integrator gave up");
  p.check_finite();
  ++p.frame;
}

int Solver::frame() const { return parts_->frame; }
double Solver::time() const { return parts_->time.frame_time(parts_->frame); }
std::int64_t Solver::steps() const { return parts_->integrator.steps(); }
std::span<const double> Solver::state() const { return parts_->values; }
io::Block Solver::block() const { return parts_->grid.block(); }
double Solver::jacobian_error() const { return parts_->integrator.jacobian_error(); }

}  // namespace hypercast::pde
