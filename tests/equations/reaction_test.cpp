// Reaction-diffusion equations: allen_cahn, gray_scott, fitzhugh_nagumo.

#include <Eigen/Dense>
#include <iostream>
#include <unsupported/Eigen/MatrixFunctions>

#include "fields.hpp"

namespace hypercast::pde {
namespace {

class Reaction : public Solving {};

std::unique_ptr<System> equation(const std::string& name,
                                 const std::vector<std::pair<std::string, double>>& numbers = {}) {
  auto system = systems().find(name).make();
  for (const auto& [key, value] : numbers) EXPECT_EQ(set_parameter(*system, key, value), "") << key;
  return system;
}

void report(const std::string& what, double number) {
  if (test_world().is_root()) std::cout << "  " << what << ": " << number << "\n";
}

// What the equations say about du/dt, from the values and the Laplacians of the channels.
using Formula = std::function<void(const double* u, const double* lap, double* rate)>;
struct Case {
  std::unique_ptr<System> system;
  Formula formula;
};

std::vector<Case> cases() {
  std::vector<Case> all;
  all.push_back({equation("allen_cahn", {{"interface_width", 0.3}}),
                 [](const double* u, const double* lap, double* rate) {
                   rate[0] = 0.09 * lap[0] + u[0] * (1 - u[0]) * (1 + u[0]);
                 }});
  all.push_back({equation("gray_scott",
                          {{"diffusivity_a", 0.2}, {"diffusivity_b", 0.1}, {"feed", 0.03}, {"kill", 0.06}}),
                 [](const double* u, const double* lap, double* rate) {
                   rate[0] = 0.2 * lap[0] - u[0] * u[1] * u[1] + 0.03 - 0.03 * u[0];
                   rate[1] = 0.1 * lap[1] + u[0] * u[1] * u[1] - 0.09 * u[1];
                 }});
  all.push_back(
      {equation(
           "fitzhugh_nagumo",
           {{"diffusivity_u", 0.1}, {"diffusivity_v", 0.3}, {"k", 0.2}, {"epsilon", 0.5}, {"gamma", 0.7}}),
       [](const double* u, const double* lap, double* rate) {
         rate[0] = 0.1 * lap[0] + u[0] - u[0] * u[0] * u[0] - 0.2 - u[1];
         rate[1] = 0.3 * lap[1] + 0.5 * (u[0] - 0.7 * u[1]);
       }});
  return all;
}

// Two channels; their cubes fit 20 points.
std::vector<Waves> smooth(const Domain& domain) {
  return {waves_about(0.4, domain, {{0.5, 0.3, {1, 2, -1}}, {0.2, 1.1, {2, 0, 1}}}),
          waves_about(0.2, domain, {{0.3, 0.8, {2, -1, 1}}, {0.1, 2.0, {1, 1, 2}}})};
}

double rate_error(const Case& one, const Domain& domain, const Discretisation& how) {
  const auto fields = smooth(domain);
  const std::size_t channels = one.system->channels().size();
  const State expected = [&](std::span<const double> x, std::span<double> rate) {
    const double u[] = {fields[0](x), fields[1](x)}, lap[] = {fields[0].laplacian(x), fields[1].laplacian(x)};
    one.formula(u, lap, rate.data());
  };
  return relative_max(rate_of(Comm::self(), *one.system, domain, how, state_of(fields)),
                      sample(domain, expected, channels));
}

TEST_F(Reaction, RatesAreThoseOfTheEquations) {
  for (const auto& one : cases())
    for (int dims : {1, 2, 3}) {
      const auto name = one.system->channels().back() + " " + std::to_string(dims) + "-D";
      EXPECT_LT(rate_error(one, skew_box(dims, 20), fourier()), 1e-13) << name;
      const double coarse = rate_error(one, skew_box(dims, 20), differences(6));
      const double fine = rate_error(one, skew_box(dims, 40), differences(6));
      EXPECT_LT(fine, 1e-4) << name;
      EXPECT_NEAR(std::log2(coarse / fine), 6, 0.5) << name;
    }
}

TEST_F(Reaction, ProductsHaveNoAliases) {
  for (const auto& one : cases())
    for (int dims : {1, 2}) {
      const Domain domain = box(dims, 24, Boundary::periodic);
      const auto steep = waves_about(0.4, domain, {{0.5, 0.3, {7, 5}}, {0.4, 1.1, {6, -7}}});
      EXPECT_LT(change_when_moved(*one.system, domain, {steep, steep}), 1e-12)
          << one.system->channels().back() << " " << dims << "-D";
    }
}

// A uniform state follows the ordinary differential equation.
TEST_F(Reaction, UniformStatesReactWithoutDiffusion) {
  for (const auto& one : cases()) {
    const std::size_t channels = one.system->channels().size();
    const double start[] = {0.7, 0.4};
    std::array<double, 2> u{start[0], start[1]};
    const int steps = 2000;
    const double h = 2.0 / steps, still[] = {0, 0};
    for (int n = 0; n < steps; ++n) {  // the classical Runge-Kutta method
      std::array<std::array<double, 2>, 4> k{};
      for (int stage = 0; stage < 4; ++stage) {
        auto v = u;
        const double part = stage == 0 ? 0 : stage == 3 ? h : h / 2;
        for (std::size_t c = 0; stage > 0 && c < channels; ++c) v[c] += part * k[stage - 1][c];
        one.formula(v.data(), still, k[stage].data());
      }
      for (std::size_t c = 0; c < channels; ++c)
        u[c] += h / 6 * (k[0][c] + 2 * k[1][c] + 2 * k[2][c] + k[3][c]);
    }
    const State uniform = [&](std::span<const double>, std::span<double> v) {
      std::copy_n(start, v.size(), v.begin());
    };
    for (const auto& [how, boundary] :
         {std::pair(fourier(), Boundary::periodic), std::pair(differences(4), Boundary::neumann)}) {
      const auto end =
          alone_to_end(*one.system, box(2, 8, boundary), how, until(2, 400, "arkimex", "5"), uniform);
      for (std::size_t i = 0; i < end.size(); ++i) EXPECT_NEAR(end[i], u[i % channels], 1e-9) << to_text(how);
    }
  }
}

TEST_F(Reaction, WallsAreMirrors) {
  for (const auto& one : cases())
    for (int dims : {1, 2, 3})
      for (int order : {2, 4, 6})
        for (bool channel : {false, true}) {
          Domain walls = skew_box(dims, dims == 3 ? 8 : 16, Boundary::neumann);
          if (channel) walls.axes[0].boundary = Boundary::periodic;
          if (channel && dims == 1) continue;
          const auto fields = smooth(walls);
          const double distance = distance_from_mirrored_run(*one.system, walls, order,
                                                             until(0.2, 20, "rk", "4"), state_of(fields));
          EXPECT_LT(distance, 1e-12) << one.system->channels().back() << " " << to_text(walls) << " order "
                                     << order;
        }
}

TEST_F(Reaction, BackendsAgreeOnFineGrids) {
  for (const auto& one : cases()) {
    std::vector<double> distances;
    for (int points : {32, 64}) {
      const Domain domain = box(2, points, Boundary::periodic);
      const auto state = state_of(smooth(domain));
      const auto time = until(0.5, 200, "rk", "4");
      distances.push_back(relative_max(alone_to_end(*one.system, domain, differences(6), time, state),
                                       alone_to_end(*one.system, domain, fourier(), time, state)));
    }
    report("fd 6 against spectral, 64 x 64 points", distances[1]);
    EXPECT_LT(distances[1], 1e-5);
    EXPECT_GT(distances[0], 20 * distances[1]);
  }
}

// The growth and the coupling of a small wave about the state of rest: the exponential of a 2 x 2 matrix.
TEST_F(Reaction, SmallWavesGrowAsLinearised) {
  const double k = 5e-3, epsilon = 0.5, rest = -std::cbrt(k), q = 2, d[] = {1e-3, 5e-3}, tiny = 1e-7;
  const auto system = equation("fitzhugh_nagumo", {{"k", k}, {"epsilon", epsilon}});
  const Domain domain = box(1, 32, Boundary::periodic);
  const State state = [&](std::span<const double> x, std::span<double> u) {
    u[0] = rest + tiny * std::cos(q * x[0]);
    u[1] = rest - tiny * std::cos(q * x[0]) / 2;
  };
  const double end = 3;
  Eigen::Matrix2d matrix;
  matrix << 1 - 3 * rest * rest - d[0] * q * q, -1, epsilon, -epsilon - d[1] * q * q;
  const Eigen::Vector2d expected = (end * matrix).exp() * Eigen::Vector2d(tiny, -tiny / 2);
  const auto values = alone_to_end(*system, domain, fourier(), until(end, 300, "etdrk4", ""), state);
  for (int c : {0, 1}) {
    double amplitude = 0;
    for (int i = 0; i < 32; ++i) amplitude += values[2 * i + c] * std::cos(q * domain.axes[0].point(i)) / 16;
    EXPECT_NEAR(amplitude / expected[c], 1, 1e-6) << c;
  }
}

// The waves at rest fit their domain, satisfy the walls, and stay where they are.
TEST_F(Reaction, AllenCahnHasStandingWaves) {
  const struct {
    int dims;
    Boundary boundary;
    double length, width;
  } domains[] = {{1, Boundary::periodic, 5, 0.3}, {2, Boundary::periodic, 5, 0.3},
                 {3, Boundary::periodic, 5, 0.4}, {1, Boundary::neumann, 2, 0.15},
                 {2, Boundary::neumann, 2, 0.15}, {1, Boundary::dirichlet, 2, 0.15},
                 {1, Boundary::periodic, 5, 0.25}};
  for (const auto& [dims, boundary, length, width] : domains) {
    const auto system = equation("allen_cahn", {{"interface_width", width}});
    const auto error = [&](int points) {
      const int extra = boundary == Boundary::dirichlet ? 1 : 0;
      Domain domain = box(dims, points + extra, boundary, length);
      domain.axes[0].lower = -1.3;
      return exact_error(Comm::self(), *system, domain, differences(4), until(0.2, 100, "rk", "4"));
    };
    const int points = dims == 3 ? 24 : 64;
    const double coarse = error(points), fine = error(2 * points);
    EXPECT_NEAR(std::log2(coarse / fine), 4, 0.3) << dims << "-D " << to_text(boundary);
    EXPECT_LT(fine, dims == 3 ? 2e-3 : 1e-4) << dims << "-D " << to_text(boundary);
  }
  const auto wide = equation("allen_cahn", {{"interface_width", 1.0}});
  EXPECT_FALSE(wide->exact(box(1, 32, Boundary::periodic, 6)).has_value()) << "2 pi eps is the shortest wave";
  EXPECT_TRUE(wide->exact(box(1, 32, Boundary::periodic, 6.4)).has_value());
  Domain raised = box(1, 33, Boundary::dirichlet);
  raised.wall_value = 0.5;
  EXPECT_FALSE(wide->exact(raised).has_value());
}

// 1 / (1 + exp((x - c t) / (sqrt 2 eps))) invades u = 0 at the speed c = 3 eps / sqrt 2 (P. R. Fife, J. B.
// McLeod, Arch. Ration. Mech. Anal. 65 (1977)). The walls are far away.
TEST_F(Reaction, AllenCahnFrontTravels) {
  const double width = 0.1, speed = 3 * width / std::numbers::sqrt2, end = 4;
  const auto system = equation("allen_cahn", {{"interface_width", width}});
  Domain domain = box(1, 800, Boundary::neumann, 8);
  const auto front = [&](double t) -> State {
    return [=](std::span<const double> x, std::span<double> u) {
      u[0] = 1 / (1 + std::exp((x[0] - 3.5 - speed * t) / (std::numbers::sqrt2 * width)));
    };
  };
  const auto values =
      alone_to_end(*system, domain, differences(6), until(end, 400, "arkimex", "4"), front(0));
  const double error = relative_max(values, sample(domain, front(end)));
  report("front of allen_cahn", error);
  EXPECT_LT(error, 1e-6);
  EXPECT_GT(relative_max(values, sample(domain, front(0))), 0.5);
}

TEST_F(Reaction, AllenCahnTreatsItsPhasesAlike) {
  const auto system = equation("allen_cahn");
  for (const auto& how : {fourier(), differences(4)}) {
    const Domain domain = box(2, 24, Boundary::periodic);
    const auto fields = smooth(domain);
    const State opposite = [&](std::span<const double> x, std::span<double> u) { u[0] = -fields[0](x); };
    const auto time = until(2, 100, "rk", "4");
    const auto one = alone_to_end(*system, domain, how, time, state_of(fields));
    auto other = alone_to_end(*system, domain, how, time, opposite);
    for (double& value : other) value = -value;
    EXPECT_LT(relative_max(other, one), 1e-14) << to_text(how);
  }
}

// With differences of order 2 the flow is the gradient of the energy with one-sided slopes.
TEST_F(Reaction, AllenCahnLosesEnergy) {
  const double width = 0.3;
  const auto system = equation("allen_cahn", {{"interface_width", width}});
  const int n = 24;
  const Domain domain = box(2, n, Boundary::periodic);
  TimeOptions time = until(6, 300, "rk", "4");
  time.frames = 31;
  Solver solver(Comm::self(), *system, domain, differences(2), time);
  solver.start(initial_state(*system, domain, {}, 0, {}));
  const auto energy = [&] {
    const auto u = solver.state();
    const double h = domain.axes[0].spacing();
    double sum = 0;
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j) {
        const double here = u[i * n + j], below = u[(i + 1) % n * n + j], beside = u[i * n + (j + 1) % n];
        const double square = (below - here) * (below - here) + (beside - here) * (beside - here);
        sum += width * width * square / (2 * h * h) + (1 - here * here) * (1 - here * here) / 4;
      }
    return sum * h * h;
  };
  const double first = energy();
  double before = first;
  while (solver.frame() + 1 < time.frames) {
    solver.advance();
    EXPECT_LT(energy(), before) << solver.frame();
    before = energy();
  }
  EXPECT_LT(before, first / 4);
}

TEST_F(Reaction, GrayScottOnlyConvertsWhenNothingFlows) {
  const auto system =
      equation("gray_scott", {{"diffusivity_a", 0.02}, {"diffusivity_b", 0.01}, {"feed", 0}, {"kill", 0}});
  for (const auto& [how, boundary] : {std::pair(fourier(), Boundary::periodic),
                                      {differences(4), Boundary::periodic},
                                      {differences(4), Boundary::neumann}}) {
    const Domain domain = box(2, 24, boundary);
    const auto state = state_of(smooth(domain));
    const auto start = sample(domain, state, 2);
    const auto end = alone_to_end(*system, domain, how, until(2, 50, "arkimex", "4"), state);
    double before = 0, after = 0, changed = 0;
    for (std::size_t i = 0; i < end.size(); ++i) {
      before += start[i];
      after += end[i];
      changed += std::abs(end[i] - start[i]);
    }
    EXPECT_NEAR(after / before, 1, 1e-9) << to_text(how);
    EXPECT_GT(changed / before, 0.1);
  }
}

// Without B, A relaxes to 1 and spreads: a linear equation.
TEST_F(Reaction, GrayScottFeeds) {
  const double d = 0.05, feed = 0.3, end = 2;
  const auto system = equation("gray_scott", {{"diffusivity_a", d}, {"feed", feed}});
  const Domain domain = box(2, 20, Boundary::periodic);
  const auto fed = [&](double t) -> State {
    return [=](std::span<const double> x, std::span<double> u) {
      u[0] = 1 - std::exp(-feed * t) * (0.4 + 0.3 * std::exp(-5 * d * t) * std::sin(x[0] + 2 * x[1]));
      u[1] = 0;
    };
  };
  const auto values = alone_to_end(*system, domain, fourier(), until(end, 40, "etdrk4", ""), fed(0));
  EXPECT_LT(relative_max(values, sample(domain, fed(end), 2)), 1e-8);
}

TEST_F(Reaction, GrayScottStartsAndStaysBetweenNothingAndEverything) {
  const auto system = equation("gray_scott", {{"diffusivity_a", 2e-3}, {"diffusivity_b", 1e-3}});
  for (const char* family : {"gaussians", "random_field", "fourier"})
    for (double amplitude : {1.0, 4.0}) {
      InitialOptions initial;
      initial.family = family;
      initial.amplitude = amplitude;
      Domain domain = box(2, 32, Boundary::neumann, 2);
      domain.axes[1].boundary = Boundary::periodic;
      TimeOptions time = until(40, 40, "arkimex", "4");
      time.frames = 5;
      Solver solver(Comm::self(), *system, domain, differences(4), time);
      solver.start(initial_state(*system, domain, initial, 0, {}));
      for (; solver.frame() + 1 < time.frames; solver.advance())
        for (std::size_t i = 0; i < solver.state().size(); i += 2) {
          const double a = solver.state()[i], b = solver.state()[i + 1];
          EXPECT_TRUE(a > 0 && a <= 1 + 1e-9 && b > -1e-6 && b < 0.9) << family << " A " << a << " B " << b;
        }
    }
}

// Seeds of Pearson's concentrations react, faint ones are washed out.
TEST_F(Reaction, GrayScottNeedsASeed) {
  const auto system = equation("gray_scott");
  Domain domain = box(2, 64, Boundary::periodic, 1);
  InitialOptions initial;
  initial.family = "gaussians";
  initial.width = {0.08, 0.1};
  const auto largest_b = [&](double amplitude) {
    initial.amplitude = amplitude;
    const auto end = alone_to_end(*system, domain, fourier(), until(300, 150, "etdrk4", ""),
                                  initial_state(*system, domain, initial, 0, {}));
    double most = 0;
    for (std::size_t i = 1; i < end.size(); i += 2) most = std::max(most, end[i]);
    return most;
  };
  EXPECT_LT(largest_b(0.2), 1e-6);
  EXPECT_GT(largest_b(4), 0.2);
}

TEST(ReactionParameters, OutsideTheirRangeAreRefused) {
  const struct {
    const char *name, *key;
    double bad;
  } numbers[] = {{"allen_cahn", "interface_width", 0},
                 {"gray_scott", "diffusivity_a", -1e-9},
                 {"gray_scott", "diffusivity_b", -1},
                 {"gray_scott", "feed", -0.1},
                 {"gray_scott", "kill", -0.1},
                 {"fitzhugh_nagumo", "diffusivity_u", -1},
                 {"fitzhugh_nagumo", "diffusivity_v", -1},
                 {"fitzhugh_nagumo", "epsilon", -1},
                 {"fitzhugh_nagumo", "gamma", -1}};
  for (const auto& [name, key, bad] : numbers)
    EXPECT_NE(set_parameter(*equation(name), key, bad), "") << key << " = " << bad;
  EXPECT_NE(equation("gray_scott")->complaint(box(2, 16, Boundary::dirichlet)), "");
  for (const auto& name : {"allen_cahn", "gray_scott", "fitzhugh_nagumo"})
    for (auto boundary : {Boundary::periodic, Boundary::neumann})
      for (int dims : {1, 2, 3}) EXPECT_EQ(equation(name)->complaint(box(dims, 16, boundary)), "");
}

}  // namespace
}  // namespace hypercast::pde
