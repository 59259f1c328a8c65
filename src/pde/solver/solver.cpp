#include "pde/solver/solver.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "pde/solver/integrator.hpp"

namespace hypercast::pde {

struct Solver::Parts {
  Parts(const Comm& comm_, const System& system, const Domain& domain, const Discretisation& discretisation,
        const TimeOptions& time_)
      : comm(static_cast<MPI_Comm>(comm_)),
        time(time_),
        dims(domain.dims()),
        channels(static_cast<int>(system.channels().size())),
        equation(discretise(comm, system, domain, discretisation)),
        state(equation->make_state()),
        integrator(*equation, system.is_linear(), time, state),
        values(equation->block().points() * channels) {
    read_options_of_rhs();
  }
  // Solvers inside a right-hand side read their options when they are first used: show them a state.
  void read_options_of_rhs() {
    VecHandle rate;
    petsc_call(VecDuplicate(state, rate.out()));
    petsc_call(VecZeroEntries(state));
    equation->evaluate(Semidiscrete::Part::remainder, time.start, state, rate);
  }
  void begin(double t) {
    check_finite();
    integrator.restart(t);
    equation->set_values(values, state);
  }
  void integrate(double t) {
    if (!integrator.integrate_to(t)) fail("the integrator gave up");
    equation->get_values(state, values);
    check_finite();
    equation->set_values(values, state);  // what a run that starts here would have
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
  int dims, channels;
  std::unique_ptr<Semidiscrete> equation;
  VecHandle state;
  IntegratorTs integrator;
  Buffer<double> values;  // of the frame: [local point][channel]
  int frame = 0;
};

Solver::Solver(const Comm& comm, const System& system, const Domain& domain,
               const Discretisation& discretisation, const TimeOptions& time)
    : parts_(std::make_unique<Parts>(comm, system, domain, discretisation, time)) {}
Solver::~Solver() = default;

void Solver::start(const State& state, double burn_in) {
  auto& p = *parts_;
  std::vector<double> x(p.dims);
  for (std::size_t i = 0; i < p.values.size() / p.channels; ++i) {
    for (int a = 0; a < p.dims; ++a) x[a] = p.equation->coordinates(a)[i];
    state(x, std::span(p.values).subspan(i * p.channels, p.channels));
  }
  p.frame = -1;
  p.begin(p.time.start - burn_in);
  if (burn_in > 0) p.integrate(p.time.start);
  p.frame = 0;
}

void Solver::start_from(int frame, std::span<const double> values) {
  auto& p = *parts_;
  check(values.size() == p.values.size(), "a state that does not fit the grid");
  std::copy(values.begin(), values.end(), p.values.begin());
  p.frame = frame;
  p.begin(p.time.frame_time(frame));
}

void Solver::advance() {
  auto& p = *parts_;
  p.integrate(p.time.frame_time(p.frame + 1));
  ++p.frame;
}

int Solver::frame() const { return parts_->frame; }
double Solver::time() const { return parts_->time.frame_time(parts_->frame); }
std::int64_t Solver::steps() const { return parts_->integrator.steps(); }
std::span<const double> Solver::state() const { return parts_->values; }
io::Block Solver::block() const { return parts_->equation->block(); }
double Solver::jacobian_error() const { return parts_->integrator.jacobian_error(); }
double Solver::tail_energy() const { return parts_->equation->tail_energy(parts_->state); }

}  // namespace hypercast::pde
