// What needs no PETSc: stencils, layouts, initial states.

#include "pde/finite_differences.hpp"
#include "pde/layout.hpp"
#include "problem.hpp"

namespace hypercast::pde {
namespace {

TEST(FiniteDifferences, WeightsAreTheTextbookOnes) {
  const std::vector<double> nodes{-2, -1, 0, 1, 2};
  const std::vector<double> expected{-1. / 12, 16. / 12, -30. / 12, 16. / 12, -1. / 12};
  const auto weights = difference_weights(0, nodes, 2);
  for (int j = 0; j < 5; ++j) EXPECT_NEAR(weights[j], expected[j], 1e-14);
}

// Rows at walls are exact for polynomials that satisfy the wall condition.
TEST(FiniteDifferences, WallRowsAreExactForPolynomials) {
  for (auto boundary : {Boundary::dirichlet, Boundary::neumann})
    for (int accuracy : {2, 4})
      for (int m : {1, 2}) {
        const DomainAxis axis{"x", 0, 1, 16, boundary};
        const Line line(axis, m, accuracy, false);
        const int degree = accuracy + m - 1;  // the inner stencil's; p = 2 + x^degree has p'(0) = 0
        for (int i = 0; i < 4; ++i) {
          const Row& row = line.row(i);
          double value = 0;
          for (std::size_t j = 0; j < row.weights.size(); ++j)
            value += row.weights[j] * (2 + std::pow(axis.point(i + row.start + static_cast<int>(j)), degree));
          const double x = axis.point(i);
          const double exact =
              m == 1 ? degree * std::pow(x, degree - 1) : degree * (degree - 1) * std::pow(x, degree - 2);
          EXPECT_NEAR(value, exact, 1e-9) << to_text(boundary) << " " << accuracy << " " << m << " row " << i;
        }
      }
}

TEST(Layout, KeepsBlocksAsLargeAsTheStencil) {
  Domain domain = box(2, 64, Boundary::periodic);
  EXPECT_EQ(rank_grid(domain, 2, 4), (std::vector<int>{2, 2}));
  domain.axes[1].points = 8;
  EXPECT_EQ(rank_grid(domain, 3, 4), (std::vector<int>{4, 1}));
  EXPECT_EQ(rank_grid(domain, 7, 10), std::nullopt);
  EXPECT_EQ(most_ranks(domain, 7, 10), 9);
}

// The walls' one-sided rows reach further than the periodic axis' own, and halos have one width for all.
TEST(Layout, LongestReachCountsOnAllAxes) {
  const auto system = systems().find("burgers").make();
  Domain domain = box(2, 8, Boundary::periodic);
  domain.axes[1].boundary = Boundary::dirichlet;
  const auto reach = stencil_reach(*system, domain, 2);
  ASSERT_LT(reach[0], reach[1]);
  const auto cut = require_rank_grid(domain, reach, 4);
  EXPECT_EQ(cut.parts, (std::vector<int>{2, 2}));
  EXPECT_EQ(cut.width, reach[1]);
  try {
    require_rank_grid(domain, reach, 8);
    FAIL() << "blocks of 2 x 4 points were accepted";
  } catch (const UserError& error) {
    EXPECT_EQ(error.code(), Exit::data);
    EXPECT_NE(std::string(error.what()).find("at most 4"), std::string::npos) << error.what();
  }
}

TEST(Parameters, AreReadAndSetThroughTheDescription) {
  const auto system = systems().find("advection_diffusion").make();
  const auto all = parameters(*system);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].first, "diffusivity");
  EXPECT_EQ(all[1].first, "velocity_0");
  EXPECT_EQ(set_parameter(*system, "diffusivity", 0.7), "");
  EXPECT_EQ(parameters(*system)[0].second, 0.7);
  EXPECT_NE(set_parameter(*system, "diffusivity", -1), "");
  EXPECT_NE(set_parameter(*system, "viscosity", 1), "");
  EXPECT_EQ(set_parameter(*system, "velocity_0", 3.5), "") << "an entry of a list";
  EXPECT_EQ(parameters(*system)[1].second, 3.5);
  EXPECT_NE(set_parameter(*system, "velocity_1", 1), "");
  EXPECT_NE(set_parameter(*system, "velocity", 1), "");
}

TEST(InitialState, RandomFamiliesSatisfyTheWalls) {
  const auto system = systems().find("heat").make();
  for (const char* family : {"fourier", "gaussians", "random_field"})
    for (auto boundary : {Boundary::dirichlet, Boundary::neumann}) {
      Domain domain = box(2, 16, boundary, 3.0);
      domain.axes[0].lower = -1;
      domain.wall_value = 2;
      InitialOptions options;
      options.family = family;
      const auto state = initial_state(*system, domain, options, 0, {5});
      const double e = 1e-6;
      double inside = 0, outside = 0, scale = 0;
      for (double y : {0.3, 1.1, 2.7})
        for (double wall : {-1.0, 2.0}) {
          state(std::vector{wall + e, y}, std::span(&inside, 1));
          state(std::vector{wall - e, y}, std::span(&outside, 1));
          if (boundary == Boundary::dirichlet) {
            EXPECT_NEAR((inside + outside) / 2, 2, 1e-9) << family;
          } else {
            EXPECT_NEAR((inside - outside) / e, 0, 1e-6) << family;
          }
          scale = std::max(scale, std::abs(inside - outside) + std::abs(inside));
        }
      EXPECT_GT(scale, 1e-7) << family;
    }
}

TEST(InitialState, RandomFamiliesArePeriodicAndDifferByTrajectory) {
  const auto system = systems().find("heat").make();
  const Domain domain = box(2, 16, Boundary::periodic, 3.0);
  for (const char* family : {"fourier", "gaussians", "random_field"}) {
    InitialOptions options;
    options.family = family;
    const auto first = initial_state(*system, domain, options, 0, {});
    const auto again = initial_state(*system, domain, options, 0, {});
    const auto other = initial_state(*system, domain, options, 0, {1});
    double a = 0, b = 0;
    first(std::vector{0.4, 0.9}, std::span(&a, 1));
    first(std::vector{3.4, -2.1}, std::span(&b, 1));
    EXPECT_NEAR(a, b, 1e-12) << family;
    EXPECT_EQ(sample(domain, first), sample(domain, again)) << family;
    EXPECT_GT(relative_l2(sample(domain, first), sample(domain, other)), 0.1) << family;
  }
}

TEST(InitialState, RootMeanSquareIsTheAmplitude) {
  const auto system = systems().find("heat").make();
  InitialOptions options;
  options.amplitude = 3;
  options.count = 1;
  for (auto boundary : {Boundary::periodic, Boundary::dirichlet, Boundary::neumann}) {
    const Domain domain = box(2, 64, boundary);
    double square = 0;
    const auto values = sample(domain, initial_state(*system, domain, options, 0, {2}));
    for (double value : values) square += value * value;
    // Nodes on both walls: 63 intervals.
    const double intervals = boundary == Boundary::dirichlet ? 63 * 63 : 64 * 64;
    EXPECT_NEAR(std::sqrt(square / intervals), 3, 1e-10) << to_text(boundary);
  }
  options.family = "random_field";
  const Domain domain = box(1, 64, Boundary::periodic);
  double square = 0;
  for (std::uint32_t trajectory = 0; trajectory < 400; ++trajectory)
    for (double value : sample(domain, initial_state(*system, domain, options, 0, {trajectory})))
      square += value * value;
  EXPECT_NEAR(std::sqrt(square / (400 * 64)), 3, 0.2);
}

// sin x cos y = sin(x + y)/2 + sin(x - y)/2
TEST(InitialState, ExplicitModesAreWhatTheySay) {
  const auto system = systems().find("burgers").make();
  const Domain domain = box(2, 16, Boundary::periodic);
  InitialOptions options;
  options.modes = {{0.5, 0, 1, 1}, {0.5, 0, 1, -1}};
  EXPECT_EQ(initial_complaint(*system, domain, options).text, "");
  double u = 0;
  initial_state(*system, domain, options, 0, {})(std::vector{0.3, 1.2}, std::span(&u, 1));
  EXPECT_NEAR(u, std::sin(0.3) * std::cos(1.2), 1e-15);
  options.modes = {{0.5, 0, 1.5, 1}};
  EXPECT_EQ(initial_complaint(*system, domain, options).key, "modes");
  options.modes = {{0.5, 0, 1}};
  EXPECT_EQ(initial_complaint(*system, domain, options).key, "modes");
}

// The exact solutions solve their equations: u_t from a difference in time, the right-hand side by
// differences in space, far from any code of the solver.
TEST(ExactSolution, SolvesTheEquation) {
  for (const auto& name : systems().names()) {
    const auto system = make(name);
    if (!system->is_linear() && name != "burgers") continue;
    const std::size_t channels = system->channels().size();
    for (auto boundary : {Boundary::periodic, Boundary::dirichlet, Boundary::neumann})
      for (int dims : {1, 2, 3}) {
        const Domain domain = box(dims, 16, boundary, 2.0);
        if (!system->complaint(domain).empty()) continue;
        const auto exact = system->exact(domain);
        if (!exact) continue;
        std::vector<double> u(channels), here(channels), before(channels), after(channels);
        const auto values = [&](double t, std::vector<double> x, int axis, double shift) {
          if (axis >= 0) x[axis] += shift;
          (*exact)(t, x, u);
          return u;
        };
        const std::vector<double> x{0.3, 0.8, 1.4};
        const std::vector<double> at(x.begin(), x.begin() + dims);
        const double e = 1e-4;
        here = values(0.2, at, -1, 0);
        before = values(0.2 - e, at, -1, 0);
        after = values(0.2 + e, at, -1, 0);
        for (std::size_t c = 0; c < channels; ++c) {
          double rate = (after[c] - before[c]) / (2 * e);
          for (const auto& term : system->linear(dims))
            for (int a = 0; a < dims; ++a) {
              if (term.row != static_cast<int>(c)) continue;
              const double plus = values(0.2, at, a, e)[term.column],
                           minus = values(0.2, at, a, -e)[term.column];
              if (term.orders[a] == 1) rate -= term.coefficient * (plus - minus) / (2 * e);
              if (term.orders[a] == 2)
                rate -= term.coefficient * (plus - 2 * here[term.column] + minus) / (e * e);
            }
          for (const auto& term : system->linear(dims))
            if (term.row == static_cast<int>(c) && term.orders == std::array<int, 3>{})
              rate -= term.coefficient * here[term.column];
          if (name == "burgers")
            for (int a = 0; a < dims; ++a)
              rate += here[0] * (values(0.2, at, a, e)[0] - values(0.2, at, a, -e)[0]) / (2 * e);
          EXPECT_NEAR(rate, 0, 1e-5 * std::max(1.0, std::abs(here[c])))
              << name << " " << dims << "-D " << to_text(boundary);
        }
      }
  }
}

}  // namespace
}  // namespace hypercast::pde
