// The Fourier backend and the integrators that act mode by mode.

#include <iostream>

#include "pde/solver/fourier_grid.hpp"
#include "problem.hpp"

namespace hypercast::pde {
namespace {

class Spectral : public Solving {};

// Different sizes along the axes, odd ones among them.
Domain uneven(int dims) {
  Domain domain = box(dims, 0, Boundary::periodic);
  const int points[] = {24, 21, 16};
  for (int a = 0; a < dims; ++a) {
    domain.axes[a].points = points[a];
    domain.axes[a].length = 2 * std::numbers::pi * (a + 1);
    domain.axes[a].lower = -0.5 * a;
  }
  return domain;
}

// One rank alone in one dimension, all together in more.
Comm ranks_for(int dims) { return dims == 1 ? Comm::self() : Comm(static_cast<MPI_Comm>(test_world())); }

TEST_F(Spectral, TransformsInvertAndKeepTheNorm) {
  for (int dims : {1, 2, 3}) {
    const Comm comm = ranks_for(dims);
    const FourierGrid grid(comm, uneven(dims));
    const Random random(1, Random::Purpose::test, static_cast<std::uint32_t>(comm.rank()));
    Buffer<double> values(grid.points()), back(grid.points());
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = random.normal(i);
    Buffer<Complex> modes(grid.modes());
    grid.forward(values, modes);
    double energy = 0, square = 0, worst = 0;
    for (std::size_t m = 0; m < modes.size(); ++m) {
      const int n = grid.numbers(dims - 1)[m];
      const bool single = n == 0 || 2 * n == grid.domain().axes[dims - 1].points;
      energy += (single ? 1 : 2) * std::norm(modes[m]);
      grid.work()[m] = grid.scale() * modes[m];
    }
    grid.inverse(back);
    for (std::size_t i = 0; i < values.size(); ++i) {
      square += values[i] * values[i];
      worst = std::max(worst, std::abs(back[i] - values[i]));
    }
    EXPECT_LT(comm.max(worst), 1e-14) << dims;
    EXPECT_NEAR(comm.sum(energy) / comm.sum(square), 1, 1e-14) << dims;
  }
}

// u = sin(2 x) cos(y / 2) cos(z): every derivative is known.
TEST_F(Spectral, ExactSolutionsAreReachedToRounding) {
  for (int dims : {1, 2, 3})
    for (const char* name : {"heat", "advection_diffusion"}) {
      const auto system = systems().find(name).make();
      const Comm comm = ranks_for(dims);
      const double error = exact_error(comm, *system, uneven(dims), fourier(), until(0.7, 3, "etdrk4", ""));
      EXPECT_LT(error, 1e-12) << name << " " << dims << "-D";
    }
}

// Cole and Hopf's solution; the error left is that of the time steps.
TEST_F(Spectral, BurgersIsExactInSpaceAndOfOrderFourInTime) {
  for (int dims : {1, 2}) {
    const auto system = systems().find("burgers").make();
    const Domain domain = box(dims, dims == 1 ? 96 : 64, Boundary::periodic);
    const Comm comm = ranks_for(dims);
    const auto error = [&](int steps) {
      return exact_error(comm, *system, domain, fourier(), until(1, steps, "etdrk4", ""));
    };
    const double coarse = error(10), fine = error(20), order = std::log2(coarse / fine);
    const double finest = error(640);
    if (test_world().is_root())
      std::cout << "  burgers " << dims << "-D etdrk4: " << coarse << " " << fine << " order " << order
                << ", 640 steps " << finest << "\n";
    EXPECT_NEAR(order, 4, 0.2);
    EXPECT_LT(finest, 1e-10);
  }
}

TEST_F(Spectral, EveryIntegratorSolvesTheSameEquation) {
  const auto system = systems().find("burgers").make();
  const Domain domain = box(1, 48, Boundary::periodic);
  const struct {
    const char *name, *method;
    int steps;
    double error;
  } cases[] = {{"rk", "4", 100, 1e-7},         {"arkimex", "4", 100, 1e-7}, {"arkimex", "5", 50, 1e-7},
               {"rosw", "ra34pw2", 200, 1e-6}, {"cn", "", 400, 1e-5},       {"bdf", "3", 400, 1e-5},
               {"ssp", "rks3", 400, 1e-5},     {"etdrk4", "", 50, 1e-7},    {"dino_imex", "", 2000, 1e-3}};
  for (const auto& [name, method, steps, bound] : cases) {
    const double error = exact_error(Comm::self(), *system, domain, fourier(), until(1, steps, name, method));
    EXPECT_LT(error, bound) << name;
    EXPECT_GT(error, 1e-14) << name;
  }
}

TEST_F(Spectral, DinoSchemeIsOfFirstOrder) {
  const auto system = systems().find("burgers").make();
  const Domain domain = box(1, 48, Boundary::periodic);
  const auto error = [&](int steps) {
    return exact_error(Comm::self(), *system, domain, fourier(), until(1, steps, "dino_imex", ""));
  };
  EXPECT_NEAR(std::log2(error(200) / error(400)), 1, 0.1);
}

// The symbol solves the implicit equations itself: the Jacobian is exact and no Krylov error is left.
TEST_F(Spectral, ImplicitSolvesAreDiagonal) {
  const auto system = systems().find("burgers").make();
  for (int dims : {1, 2, 3}) {
    Solver solver(ranks_for(dims), *system, uneven(dims), fourier(), until(1, 10, "arkimex", "4"));
    solver.start(initial_state(*system, uneven(dims), {}, 0, {}));
    EXPECT_LT(solver.jacobian_error(), 1e-12) << dims;
  }
}

TEST_F(Spectral, RanksAgree) {
  for (const auto& name : systems().names())
    for (int dims : {2, 3})
      for (const char* integrator : {"etdrk4", "arkimex", "rk"}) {
        const auto system = make(name);
        const Domain domain = uneven(dims);
        if (!system->complaint(domain).empty()) continue;
        const auto state = initial_state(*system, domain, {}, 0, {});
        const double end = std::min(0.01, 4 / stiffness(*system, domain));
        const auto time = until(end, 4, integrator, integrator[0] == 'e' ? "" : "4");
        const auto alone = solve_to_end(Comm::self(), *system, domain, fourier(), time, state);
        const auto together = solve_to_end(test_world(), *system, domain, fourier(), time, state);
        EXPECT_LT(relative_max(together, alone), 1e-12) << name << " " << dims << "-D " << integrator;
      }
}

// The step is halved until the error is small, and the same tolerance gives the same error whatever it starts
// from.
TEST_F(Spectral, StepDoublingMeetsItsTolerance) {
  const auto system = systems().find("burgers").make();
  const Domain domain = box(1, 96, Boundary::periodic);
  std::vector<double> errors;
  for (double tolerance : {1e-8, 1e-10, 1e-12}) {
    TimeOptions time = until(1, 1, "etdrk4", "");
    time.tolerance = tolerance;
    time.step = 0.5;
    time.frames = 3;
    errors.push_back(exact_error(Comm::self(), *system, domain, fourier(), time));
    EXPECT_LT(errors.back(), 50 * tolerance);
  }
  EXPECT_LT(errors[2], errors[0] / 100);  // per step
}

// A run that goes on from the values of a frame is the run that was not interrupted.
TEST_F(Spectral, GoesOnFromSavedValuesWithTheSameBits) {
  for (const char* integrator : {"etdrk4", "arkimex", "rk"})
    for (const auto& how : {fourier(), differences(4)}) {
      if (how.kind == Discretisation::Kind::fd && integrator[0] == 'e') continue;
      const auto system = systems().find("burgers").make();
      TimeOptions time = until(1, 40, integrator, integrator[0] == 'e' ? "" : "4");
      time.frames = 5;
      time.step = 0.01;
      Solver one(test_world(), *system, uneven(2), how, time),
          two(test_world(), *system, uneven(2), how, time);
      InitialOptions smooth;
      smooth.max_wavenumber = 1;
      smooth.amplitude = 0.2;
      one.start(initial_state(*system, uneven(2), smooth, 0, {}));
      for (int frame = 1; frame <= 2; ++frame) one.advance();
      const std::vector<double> saved(one.state().begin(), one.state().end());
      for (int frame = 3; frame <= 4; ++frame) one.advance();
      two.start_from(2, saved);
      for (int frame = 3; frame <= 4; ++frame) two.advance();
      EXPECT_EQ(two.time(), one.time());
      EXPECT_TRUE(std::equal(one.state().begin(), one.state().end(), two.state().begin()))
          << integrator << " " << to_text(how);
    }
}

// Rounding leaves the modes of k and -k not quite conjugate; that part of a state is in no value, so that
// nothing but the linear part, which lets it grow like e^t here, acts on it.
TEST_F(Spectral, FramesFarApartAreThoseBetweenWhichOthersLie) {
  const auto system = systems().find("allen_cahn").make();
  set_parameter(*system, "interface_width", 0.3);
  const Domain domain = box(2, 24, Boundary::periodic);
  const State state = initial_state(*system, domain, {}, 0, {});
  for (const char* integrator : {"etdrk4", "arkimex"}) {
    TimeOptions time = until(100, 800, integrator, integrator[0] == 'e' ? "" : "4");
    const auto far = solve_to_end(test_world(), *system, domain, fourier(), time, state);
    time.frames = 81;
    const auto near = solve_to_end(test_world(), *system, domain, fourier(), time, state);
    EXPECT_LT(relative_max(far, near), 1e-10) << integrator;
  }
}

TEST_F(Spectral, TailEnergyTellsWhetherTheGridSuffices) {
  const auto system = systems().find("burgers").make();
  const State state = [](std::span<const double> x, std::span<double> u) { u[0] = std::sin(x[0]); };
  std::vector<double> tails;
  for (int points : {32, 256}) {
    Solver solver(Comm::self(), *system, box(1, points, Boundary::periodic), fourier(),
                  until(1.5, 100, "etdrk4", ""));
    solver.start(state);
    EXPECT_LT(solver.tail_energy(), 1e-30);
    solver.advance();
    tails.push_back(solver.tail_energy());
  }
  EXPECT_GT(tails[0], 1e-8);
  EXPECT_LT(tails[1], 1e-17);
}

std::string refusal(const Domain& domain, const Comm& comm) {
  try {
    const auto system = systems().find("heat").make();
    Solver(comm, *system, domain, fourier(), until(1, 1, "etdrk4", ""));
  } catch (const UserError& error) {
    EXPECT_EQ(error.code(), Exit::data);
    return error.what();
  }
  return "";
}

TEST_F(Spectral, WallsAndTooManyRanksAreRefused) {
  Domain walls = box(2, 16, Boundary::periodic);
  walls.axes[1].boundary = Boundary::neumann;
  EXPECT_NE(refusal(walls, Comm::self()).find("periodic"), std::string::npos);
  const auto line = refusal(box(1, 64, Boundary::periodic), test_world());
  EXPECT_EQ(line.empty(), test_world().size() == 1) << line;
  if (test_world().size() == 1) return;
  EXPECT_NE(line.find("ensemble.ranks_per_group = 1"), std::string::npos) << line;
  // 4 columns give 3 columns of modes: one for each of three ranks, none for a fourth.
  Domain narrow = box(2, 16, Boundary::periodic);
  narrow.axes[1].points = 4;
  EXPECT_EQ(refusal(narrow, test_world()).empty(), test_world().size() <= 3);
}

}  // namespace
}  // namespace hypercast::pde
