// One rank and many give the same numbers.

#include <iostream>
#include <numeric>

#include "pde/layout.hpp"
#include "pde/solver/mean.hpp"
#include "problem.hpp"

namespace hypercast::pde {
namespace {

class Ranks : public Solving {};

// Whether a right-hand side solves Poisson's equation, by a Krylov method with finite differences.
bool solves_poisson(const std::string& name) { return name == "navier_stokes"; }

void check(const std::string& name, const Domain& domain, double longest, const std::string& integrator,
           double tolerance) {
  const auto system = make(name);
  if (!system->complaint(domain).empty()) return;
  const auto state = initial_state(*system, domain, {}, 0, {});
  double end = short_time(*system, domain, state, longest);
  if (integrator == "rk") end = std::min(end, 20 * 2 / stiffness(*system, domain));
  const auto time = until(end, 20, integrator, "4");
  const auto alone = solve_to_end(Comm::self(), *system, domain, differences(4), time, state);
  const auto together = solve_to_end(test_world(), *system, domain, differences(4), time, state);
  const double difference = relative_max(together, alone);
  const auto what = name + " " + to_text(domain) + " " + to_text(time);
  if (test_world().is_root()) std::cout << "  " << what << ": " << difference << "\n";
  EXPECT_LE(difference, tolerance) << what;
}

// Different sizes along the axes: a transposed block would not go unnoticed.
Domain uneven(int dims, Boundary boundary) {
  Domain domain = box(dims, 0, boundary);
  const int points[] = {40, 24, 21};
  for (int a = 0; a < dims; ++a) domain.axes[a].points = points[a];
  return domain;
}

TEST_F(Ranks, ExplicitAgree) {
  for (const auto& name : systems().names())
    for (int dims : {1, 2, 3})
      for (auto boundary : {Boundary::periodic, Boundary::dirichlet, Boundary::neumann})
        check(name, uneven(dims, boundary), 0.2, "rk", solves_poisson(name) ? 1e-10 : 1e-12);
}

TEST_F(Ranks, ImplicitAgreeToTheLinearTolerance) {
  for (const auto& name : systems().names())
    for (int dims : {1, 2})
      for (auto boundary : {Boundary::periodic, Boundary::dirichlet, Boundary::neumann})
        check(name, uneven(dims, boundary), 1, "arkimex", 10 * 1e-10);
}

// Rounding and Krylov errors grow like e^{t / 10}: after two such times they are still small.
TEST_F(Ranks, ChaoticRunsAgreeForTwoLyapunovTimes) {
  const auto system = systems().find("kuramoto_sivashinsky").make();
  ASSERT_TRUE(system->is_chaotic());
  const Domain domain = box(1, 128, Boundary::periodic, 60);
  const State developed = [](std::span<const double> x, std::span<double> u) {
    const double k = 2 * std::numbers::pi / 60;
    u[0] = 1.5 * std::cos(7 * k * x[0]) + std::sin(4 * k * x[0] + 1) + std::cos(k * x[0]);
  };
  const auto time = until(20, 400, "arkimex", "4");
  const auto alone = solve_to_end(Comm::self(), *system, domain, differences(4), time, developed);
  const auto together = solve_to_end(test_world(), *system, domain, differences(4), time, developed);
  const double difference = relative_max(together, alone);
  if (test_world().is_root()) std::cout << "  after two Lyapunov times: " << difference << "\n";
  EXPECT_LT(difference, 1e-7);
}

TEST_F(Ranks, MeansHaveTheSameBits) {
  const Random random(3, Random::Purpose::test);
  std::vector<double> all(1001);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = 1e5 * random.normal(i);
  const auto [begin, end] = share_of(1001, test_world().rank(), test_world().size());
  const auto mine = std::span<const double>(all).subspan(begin, end - begin);
  const double mean = mean_of(test_world(), mine, 1001);
  EXPECT_EQ(mean, mean_of(Comm::self(), all, 1001));
  EXPECT_NEAR(mean, std::accumulate(all.begin(), all.end(), 0.0) / 1001, 1e-7);
  const std::vector<double> zero(mine.size(), 0.0),
      odd(mine.size(), test_world().is_root() ? std::nan("") : 1.0);
  EXPECT_EQ(mean_of(test_world(), zero, 1001), 0);
  EXPECT_TRUE(std::isnan(mean_of(test_world(), odd, 1001)));
}

TEST_F(Ranks, BlocksTileTheGrid) {
  const auto system = systems().find("heat").make();
  const Domain domain = uneven(3, Boundary::periodic);
  Solver solver(test_world(), *system, domain, differences(2), until(1, 1, "rk", "4"));
  const State place = [](std::span<const double> x, std::span<double> u) {
    u[0] = x[0] + 10 * x[1] + 100 * x[2];
  };
  solver.start(place);
  EXPECT_EQ(gather(test_world(), solver, domain), sample(domain, place));
}

TEST_F(Ranks, TooManyForTheGridAreRefused) {
  const auto system = systems().find("heat").make();
  const int points = 7;  // order 6 needs blocks of 3 points: two ranks at most
  const auto build = [&] {
    Solver(test_world(), *system, box(1, points, Boundary::periodic), differences(6), until(1, 1, "rk", "4"));
  };
  if (test_world().size() <= 2) return build();
  try {
    build();
    FAIL() << "a block smaller than the stencil was accepted";
  } catch (const UserError& error) {
    EXPECT_EQ(error.code(), Exit::data);
    EXPECT_NE(std::string(error.what()).find("at most 2"), std::string::npos) << error.what();
  }
}

// A cut that is accepted is one that PETSc can make.
TEST_F(Ranks, AcceptedCutsWork) {
  const auto system = systems().find("burgers").make();
  int refused = 0;
  for (int order : {2, 4})
    for (int points = 3; points <= 12; ++points) {
      Domain domain = box(2, points, Boundary::periodic);
      domain.axes[1] = {"y", 0, 1, 11, Boundary::dirichlet};
      bool accepted = true;
      try {
        require_rank_grid(domain, stencil_reach(*system, domain, order), test_world().size());
      } catch (const UserError&) {
        accepted = false;
        ++refused;
      }
      const auto build = [&] {
        Solver(test_world(), *system, domain, differences(order), until(1, 1, "arkimex", "4"));
      };
      if (accepted) {
        EXPECT_NO_THROW(build()) << points << " order " << order;
      } else {
        EXPECT_THROW(build(), UserError) << points << " order " << order;
      }
    }
  EXPECT_GT(refused, 0);
  EXPECT_LT(refused, 20);
}

TEST_F(Ranks, TooFewPointsAreRefused) {
  const auto system = systems().find("heat").make();
  try {
    Solver(test_world(), *system, box(1, 5, Boundary::periodic), differences(6), until(1, 1, "rk", "4"));
    FAIL();
  } catch (const UserError& error) {
    EXPECT_EQ(error.code(), Exit::data);
    EXPECT_NE(std::string(error.what()).find("at least 7"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace hypercast::pde
