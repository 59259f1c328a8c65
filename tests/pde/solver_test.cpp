#include <cstdlib>
#include <iostream>

#include "problem.hpp"

namespace hypercast::pde {
namespace {

class SolverTest : public Solving {};

TEST_F(SolverTest, JacobianIsTheDerivativeOfTheImplicitFunction) {
  for (const auto& name : systems().names())
    for (int dims : {1, 2})
      for (auto boundary : {Boundary::periodic, Boundary::dirichlet, Boundary::neumann}) {
        const auto system = make(name);
        const Domain domain = box(dims, 24, boundary);
        if (!system->complaint(domain).empty()) continue;
        Solver solver(test_world(), *system, domain, differences(4), until(1, 100, "arkimex", "4"));
        solver.start(initial_state(*system, domain, {}, 0, {}));
        EXPECT_LT(solver.jacobian_error(), 1e-10) << name << " " << dims << "-D " << to_text(boundary);
      }
}

// The assembled matrix and the matrix-free operators are the same numbers: one step of forward Euler with the
// implicit form's explicit twin.
TEST_F(SolverTest, ImplicitAndExplicitSolveTheSameEquations) {
  if (elsewhere()) return;
  for (const auto& name : systems().names())
    for (int dims : {1, 2})
      for (auto boundary : {Boundary::periodic, Boundary::dirichlet, Boundary::neumann}) {
        const auto system = make(name);
        const Domain domain = box(dims, 20, boundary);
        if (!system->complaint(domain).empty()) continue;
        const auto state = initial_state(*system, domain, {}, 0, {});
        const double end =
            std::min(short_time(*system, domain, state, 0.1), 100 * 2 / stiffness(*system, domain));
        const auto solve = [&](int steps, const char* integrator) {
          return solve_to_end(Comm::self(), *system, domain, differences(4),
                              until(end, steps, integrator, "4"), state);
        };
        EXPECT_LT(relative_max(solve(50, "arkimex"), solve(100, "rk")), 1e-7)
            << name << " " << dims << "-D " << to_text(boundary);
      }
}

TEST_F(SolverTest, FramesAreHitExactlyWhateverTheStep) {
  const auto system = systems().find("heat").make();
  const Domain domain = box(1, 32, Boundary::periodic);
  for (double tolerance : {0.0, 1e-8}) {
    TimeOptions time = until(0.7, 1, "rk", "5dp");
    time.frames = 8;
    time.step = 0.03;
    time.tolerance = tolerance;
    Solver solver(test_world(), *system, domain, differences(6), time);
    const auto exact = *system->exact(domain);
    solver.start(at_time(exact, 0));
    for (int frame = 1; frame < time.frames; ++frame) {
      solver.advance();
      EXPECT_NEAR(solver.time(), 0.1 * frame, 1e-14);
      const auto error =
          relative_l2(gather(test_world(), solver, domain), sample(domain, at_time(exact, 0.1 * frame)));
      EXPECT_LT(error, 1e-6) << "tolerance " << tolerance << " frame " << frame;
    }
    if (tolerance == 0) {
      EXPECT_EQ(solver.steps(), 7 * 4);
    }
  }
}

TEST_F(SolverTest, BlowUpIsDivergenceNotAnAnswer) {
  const auto system = systems().find("burgers").make();
  const Domain domain = box(1, 64, Boundary::periodic);
  const State wild = [](std::span<const double> x, std::span<double> u) { u[0] = 1e3 * std::sin(x[0]); };
  for (const char* integrator : {"rk", "arkimex"}) {
    TimeOptions time = until(10, 100, integrator, "4");
    time.frames = 3;
    try {
      solve_to_end(test_world(), *system, domain, differences(4), time, wild);
      FAIL() << integrator;
    } catch (const UserError& error) {
      EXPECT_EQ(error.code(), Exit::diverged) << error.what();
      EXPECT_NE(std::string(error.what()).find("t = "), std::string::npos);
    }
  }
}

TEST_F(SolverTest, ConstantWallValueIsKept) {
  const auto system = systems().find("heat").make();
  Domain domain = box(2, 17, Boundary::dirichlet, 1);
  domain.wall_value = 3;
  for (const char* integrator : {"rk", "arkimex"})
    EXPECT_LT(exact_error(test_world(), *system, domain, differences(4), until(0.1, 80, integrator, "4")),
              1e-5)
        << integrator;
}

TEST_F(SolverTest, ChangedParametersAreTakenUpAtTheStart) {
  const auto system = systems().find("heat").make();
  const Domain domain = box(1, 64, Boundary::periodic);
  for (const char* integrator : {"rk", "arkimex"}) {
    const TimeOptions time = until(0.5, 100, integrator, "4");
    Solver solver(test_world(), *system, domain, differences(6), time);
    for (double nu : {0.1, 0.4}) {
      EXPECT_EQ(set_parameter(*system, "diffusivity", nu), "");
      const auto exact = *system->exact(domain);
      solver.start(at_time(exact, 0));
      solver.advance();
      EXPECT_LT(relative_l2(gather(test_world(), solver, domain), sample(domain, at_time(exact, 0.5))), 1e-7)
          << nu;
    }
  }
}

// u_t + u u_x = 0.06 u_xx from sin x + 0.5 cos 2x + 0.3 sin(3x + 1), to t = 1.
TEST_F(SolverTest, BurgersStudyConvergesInSpace) {
  const auto system = systems().find("burgers").make();
  ASSERT_EQ(set_parameter(*system, "viscosity", 0.06), "");
  InitialOptions initial;
  initial.modes = {{1, 0, 1}, {0.5, std::numbers::pi / 2, 2}, {0.3, 1, 3}};
  const Domain coarse = box(1, 256, Boundary::periodic), fine = box(1, 1024, Boundary::periodic);
  const auto time = until(1, 1000, "arkimex", "4");
  const auto state = initial_state(*system, coarse, initial, 0, {});
  const auto u = solve_to_end(Comm::self(), *system, coarse, differences(6), time, state);
  const auto all = solve_to_end(Comm::self(), *system, fine, differences(6), time, state);
  std::vector<double> every_fourth;
  for (std::size_t i = 0; i < all.size(); i += 4) every_fourth.push_back(all[i]);
  const double error = relative_l2(u, every_fourth);
  if (test_world().is_root()) std::cout << "  256 against 1024 points: relative L2 " << error << "\n";
  EXPECT_LT(error, 1e-5);
  EXPECT_GT(relative_l2(u, sample(coarse, state)), 0.1);  // something happened
}

// Three channels that only the test knows: u_t = v_xy, v_t = u_xx + 2 v, w_t = u v_x. Sorting of channels and
// mixed derivatives.
class Coupled final : public System {
 public:
  void describe(Section&) override {}
  std::vector<std::string> channels() const override { return {"u", "v", "w"}; }
  std::vector<LinearTerm> linear(int) const override {
    return {{0, 1, 1.0, {1, 1, 0}}, {1, 0, 1.0, {2, 0, 0}}, {1, 1, 2.0, {0, 0, 0}}};
  }
  void rhs(double, Operators& operators, Fields u, Rates dudt) const override {
    const auto slope = operators.scratch(0);
    operators.derivative(*u[1], 0, 1, slope);
    for (std::size_t i = 0; i < slope.size(); ++i) dudt[2][i] += u[0]->values()[i] * slope[i];
  }
};

TEST_F(SolverTest, SeveralChannelsAndMixedDerivatives) {
  const Coupled system;
  Domain domain = box(2, 32, Boundary::periodic);
  domain.axes[1].points = 48;
  const State state = [](std::span<const double> x, std::span<double> u) {
    u[0] = std::sin(x[0]);
    u[1] = std::sin(x[0]) * std::sin(2 * x[1]);
    u[2] = 0;
  };
  const double dt = 1e-4;
  for (const char* integrator : {"rk", "arkimex"}) {
    const auto end =
        solve_to_end(test_world(), system, domain, differences(6), until(dt, 1, integrator, "3"), state);
    double worst = 0;
    for (int i = 0; i < 32; ++i)
      for (int j = 0; j < 48; ++j) {
        const double x = domain.axes[0].point(i), y = domain.axes[1].point(j);
        const double* u = &end[(i * 48 + j) * 3];
        const double expected[] = {
            std::sin(x) + dt * 2 * std::cos(x) * std::cos(2 * y),
            std::sin(x) * std::sin(2 * y) + dt * (2 * std::sin(x) * std::sin(2 * y) - std::sin(x)),
            dt * std::sin(x) * std::cos(x) * std::sin(2 * y)};
        for (int c = 0; c < 3; ++c) worst = std::max(worst, std::abs(u[c] - expected[c]));
      }
    EXPECT_LT(test_world().max(worst), 1e-7) << integrator;
  }
}

}  // namespace

// Options of their own, so no shared session.
TEST(PetscOptionsTest, UnusedOnesAreNamedUsedOnesAreNot) {
  const PetscSession session(test_world(),
                             {{"ksp_rtol", "1e-13"}, {"ksp_rtoll", "1e-13"}, {"sub_pc_type", "ilu"}});
  const auto system = systems().find("heat").make();
  const Domain domain = box(1, 32, Boundary::periodic);
  const Solver solver(test_world(), *system, domain, differences(4), until(1, 10, "arkimex", "4"));
  std::vector<std::string> expected{"ksp_rtoll"};
  if (test_world().size() == 1) expected.push_back("sub_pc_type");  // no blocks on one rank
  EXPECT_EQ(unused_petsc_options(), expected);
}

// They would not be in a file's hash.
TEST(PetscOptionsTest, EnvironmentIsNotRead) {
  setenv("PETSC_OPTIONS", "-ksp_rtol 1e-2 -ts_type euler", 1);
  setenv("PETSC_OPTIONS_YAML", "ksp_atol: 1", 1);
  const PetscSession session(test_world(), {{"ksp_rtol", "1e-13"}});
  const auto text = petsc_options_text();
  EXPECT_NE(text.find("-ksp_rtol 1e-13"), std::string::npos) << text;
  for (const char* part : {"1e-2", "ts_type", "ksp_atol"})
    EXPECT_EQ(text.find(part), std::string::npos) << text;
}

// The same deck must be good on any number of ranks.
TEST(PetscOptionsTest, LinearToleranceIsHonouredOnOneRankToo) {
  const PetscSession session(test_world(), {{"ksp_rtol", "1e-13"}});
  const auto system = systems().find("burgers").make();
  const Domain domain = box(1, 64, Boundary::periodic);
  const auto time = until(1, 20, "arkimex", "4");
  const auto state = initial_state(*system, domain, {}, 0, {});
  const auto alone = solve_to_end(Comm::self(), *system, domain, differences(4), time, state);
  EXPECT_TRUE(unused_petsc_options().empty());
  EXPECT_LT(relative_max(solve_to_end(test_world(), *system, domain, differences(4), time, state), alone),
            1e-12);
}

}  // namespace hypercast::pde
