#include "pde/options.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "pde/initial.hpp"
#include "pde/registry.hpp"

namespace hypercast::pde {

void PdeOptions::describe(Section& s) {
  s.about("Which equation is solved; its parameters stand in [pde.<name>].");
  s.key("name", name, "the equation").one_of(systems().names());
}

void GridOptions::describe(Section& s) {
  s.about("The domain, its grid and the discretisation. Lists have one entry an axis, or one for all axes.");
  s.key("points", points, "grid points along each axis; their number says how many axes there are")
      .at_least(4);
  s.key("lower", lower, "lower end of each axis");
  s.key("upper", upper, "upper end of each axis");
  s.key("boundary", boundary, "what holds at the ends of each axis")
      .one_of({"periodic", "neumann", "dirichlet"});
  s.key("wall_value", wall_value, "the constant value on dirichlet walls");
  s.key("backend", backend,
        "discretisation in space: fd, central finite differences; spectral, Fourier series on periodic axes, "
        "products dealiased by the 2/3 rule")
      .one_of({"fd", "spectral"});
  s.key("order", order, "fd: order of accuracy in space; at walls 6 only where reflection is exact")
      .one_of({"2", "4", "6"});
}

Discretisation GridOptions::discretisation() const {
  return backend == "spectral" ? fourier() : differences(order);
}

void TimeOptions::describe(Section& s) {
  std::vector<std::string> names;
  for (const auto& integrator : integrators()) names.push_back(integrator.name);
  s.about("Time axis of the trajectories and its integrator, PETSc's TS.");
  s.key("start", start, "time of the first frame, the initial state unless there is a burn_in");
  s.key("end", end, "time of the last frame");
  s.key("frames", frames, "number of frames, both ends included").at_least(2).at_most(1e7);
  s.key("burn_in", burn_in,
        "time that the equation runs from the initial state before the first frame, which counts as start "
        "all the same")
      .at_least(0);
  s.key("step", step, "largest time step; the step in force divides the time between frames").above(0);
  s.key("integrator", integrator, "PETSc TS family; etdrk4 and dino_imex need backend spectral")
      .one_of(names);
  s.key("method", method, "PETSc's name inside the family, e.g. \"4\", \"5dp\"; empty: the family's default");
  s.key("tolerance", tolerance,
        "error per step of an adaptive step, relative and absolute; 0: fixed steps. The adaptive step "
        "follows a norm, whose last bits depend on the number of ranks; etdrk4 halves and doubles its step")
      .at_least(0);
}

double TimeOptions::frame_time(int frame) const {
  return frame == frames - 1 ? end : start + frame * interval();
}

int TimeOptions::steps_for(double duration) const {
  return std::max(1, static_cast<int>(std::ceil(duration / step * (1 - 1e-12))));
}

std::string TimeOptions::method_in_force() const {
  const auto& methods = find_integrator(integrator).methods;
  return method.empty() && !methods.empty() ? methods.front() : method;
}

bool TimeOptions::can_adapt() const {
  const auto& fixed = find_integrator(integrator).fixed;
  return std::find(fixed.begin(), fixed.end(), method_in_force()) == fixed.end();
}

std::string to_text(const TimeOptions& time) {
  std::string text = time.integrator;
  if (const auto method = time.method_in_force(); !method.empty()) text += " " + method;
  if (time.tolerance > 0) return fmt::format("{}, adaptive, tolerance {:g}", text, time.tolerance);
  return fmt::format("{}, {} steps of {:.6g} a frame", text, time.steps_per_frame(), time.fixed_step());
}

const std::vector<Integrator>& integrators() {
  static const std::vector<Integrator> table{
      {"arkimex",
       Integrator::Linear::solved,
       {"4", "3", "5", "1bee", "a2", "l2", "ars122", "2c", "2d", "2e", "prssp2", "bpr3", "ars443"},
       "additive Runge-Kutta: linear part implicit, the rest explicit",
       {"prssp2", "bpr3", "ars443"}},
      {"rk",
       Integrator::Linear::evaluated,
       {"4", "1fe", "2a", "2b", "3", "3bs", "5f", "5dp", "5bs", "6vr", "7vr", "8vr"},
       "explicit Runge-Kutta",
       {"4", "1fe", "2b", "3"}},
      {"rosw",
       Integrator::Linear::solved,
       {"ra34pw2", "2m", "2p", "ra3pw", "rodas3", "sandu3", "assp3p3s1c", "theta1", "theta2", "grk4t",
        "shamp4", "veldd4", "4l"},
       "Rosenbrock-W: linear part implicit, the rest explicit",
       {"theta1", "theta2"}},
      {"bdf",
       Integrator::Linear::solved,
       {"2", "1", "3", "4", "5", "6"},
       "backward differentiation of the given order",
       {}},
      {"ssp",
       Integrator::Linear::evaluated,
       {"rks2", "rks3", "rk104"},
       "explicit strong-stability-preserving Runge-Kutta",
       {"rks2", "rks3", "rk104"}},
      {"cn", Integrator::Linear::solved, {}, "Crank-Nicolson", {}},
      {"beuler", Integrator::Linear::solved, {}, "backward Euler", {}},
      {"euler", Integrator::Linear::evaluated, {}, "forward Euler", {""}},
      {"etdrk4",
       Integrator::Linear::by_modes,
       {},
       "exponential Runge-Kutta of order 4: linear part exact, the rest explicit",
       {}},
      {"dino_imex",
       Integrator::Linear::by_modes,
       {},
       "Crank-Nicolson for the linear part, forward Euler for the rest: the scheme of the DINo data",
       {""}},
  };
  return table;
}

const Integrator& find_integrator(const std::string& name) {
  for (const auto& integrator : integrators())
    if (integrator.name == name) return integrator;
  throw UserError(Exit::data, "unknown integrator '" + name + "'");
}

void InitialOptions::describe(Section& s) {
  s.about("The state at time.start. Random families draw a new one for every trajectory.");
  s.key("family", family,
        "fourier: few modes; gaussians: bumps; random_field: Gaussian random field; exact: the equation's "
        "exact solution; dino_random_field, dino_gaussian: those of DINo (Yin et al., ICLR 2023), number by "
        "number, on N x N points")
      .one_of(initial_families());
  s.key("seed", seed,
        "seed of the random families. dino_*: of the first training trajectory; the others count up from it, "
        "then those in data/valid, while test trajectory k has 2147483647 - k")
      .at_least(0);
  s.key("amplitude", amplitude,
        "fourier with modes: a factor; random modes: root mean square; random_field: its expected value; "
        "gaussians: largest height; dino_*: a factor");
  s.key("modes", modes,
        "fourier: rows [amplitude, phase, kx, ky, kz] meaning amplitude sin(k.x + phase); an axis with walls "
        "takes no part in k.x but multiplies by sin k(x - lower) (dirichlet) or cos k(x - lower) (neumann). "
        "Empty: random modes");
  s.key("count", count, "number of random modes or of bumps").at_least(1);
  s.key("max_wavenumber", max_wavenumber,
        "fourier, random_field: most periods (between walls: half periods) along an axis")
      .at_least(1);
  s.key("decay", decay, "fourier: random amplitudes fall like |wave number|^-decay");
  s.key("width", width, "gaussians: least and largest standard deviation, parts of the shortest axis")
      .above(0)
      .at_most(1);
  s.key("alpha", alpha,
        "random_field: amplitudes go like (|k|^2 + tau^2)^(-alpha/2); dino_random_field: the same, the sides "
        "of the domain counting as 1");
  s.key("tau", tau, "see alpha; an inverse length. The published sets have 7").at_least(0);
  s.key("points", points,
        "dino_*: N of the N x N points that the numbers are drawn for; on another grid the state is the "
        "smooth function through them. 0: the grid's")
      .at_least(0)
      .at_most(4096);
}

void EnsembleOptions::describe(Section& s) {
  s.about("How many trajectories are solved, and by whom.");
  s.key("train", train, "trajectories in data/train").at_least(0).at_most(1e6);
  s.key("valid", valid, "trajectories in data/valid").at_least(0).at_most(1e6);
  s.key("test", test, "trajectories in data/test").at_least(0).at_most(1e6);
  s.key("trajectories_per_file", trajectories_per_file, "trajectories in one file, the unit of restart")
      .at_least(1);
  s.key("sequences", sequences,
        "pieces of time.frames frames, one after the other, that each trajectory is cut into; the time of "
        "each starts anew, and a file holds so many times trajectories_per_file")
      .at_least(1)
      .at_most(1e6);
  s.key("ranks_per_group", ranks_per_group,
        "ranks that solve a trajectory together; 0: all of them when there is one trajectory, else one, and "
        "always one with Fourier series in one dimension")
      .at_least(0);
  s.key("vary", vary,
        "a number of the equation drawn anew for every trajectory, e.g. viscosity, velocity_0 (of a list); "
        "empty: none");
  s.key("vary_range", vary_range, "its least and largest value, e.g. [0.01, 0.1]");
  s.key(
       "checkpoint_interval", checkpoint_interval,
       "time between saves of the state of an unfinished file, from which the next run goes on; 0: only when "
       "asked to stop")
      .at_least(0)
      .unit("s");
  s.key("keep_states", keep_states,
        "keep the double-precision state of the last frame of each finished file beside it");
}

void CertifyOptions::describe(Section& s) {
  s.about("The solver measures its own error: trajectories are solved again, finer, and compared.");
  s.key("every", every, "certify every so many-th trajectory, counted through all files; 1: all; 0: none")
      .at_least(0);
  s.key("time", time, "error in time, from half and a quarter of the step (7 times the work)");
  s.key("space", space,
        "error in space, from a finer and, fd, a coarser grid (in d dimensions 2^(d+1) times the work, or "
        "more)");
  s.key("agreement", agreement, "difference from the other discretisation on the same grid");
  s.key("horizon", horizon, "relative L2 error up to which a trajectory counts as converged").above(0);
  s.key("until", until, "errors count for frames up to this time; 0: all. For chaotic equations").at_least(0);
  s.key("tolerance", tolerance,
        "largest sum of the relative L2 errors in time and space that is accepted, else the run ends with "
        "76; 0: any")
      .at_least(0);
}

void ObservationOptions::describe(Section& s) {
  s.about("Which points are observed when fields are known in part: masks in data/observation_masks.hdf5.");
  s.key("rates", rates, "parts of the points, one mask each, e.g. [0.05, 0.25]").above(0).below(1);
  s.key("seed", seed, "of the masks").at_least(0).at_most(4294967295.0);
}

}  // namespace hypercast::pde
