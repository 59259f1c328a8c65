// Rotating shallow water.

#include <iostream>

#include "fields.hpp"

namespace hypercast::pde {
namespace {

class ShallowWater : public Solving {};

struct Numbers {
  double gravity = 1.3, depth = 0.8, coriolis = 0.7, viscosity = 0.05, drag = 0.1;
};

std::unique_ptr<System> water(const Numbers& n) {
  auto system = systems().find("shallow_water").make();
  for (const auto& [key, value] : {std::pair("gravity", n.gravity),
                                   {"depth", n.depth},
                                   {"coriolis", n.coriolis},
                                   {"viscosity", n.viscosity},
                                   {"drag", n.drag}})
    EXPECT_EQ(set_parameter(*system, key, value), "") << key;
  return system;
}

Numbers still() { return {1.3, 0.8, 0, 0, 0}; }  // no rotation, no loss

// Three channels; their products fit 16 points.
std::vector<Waves> smooth(const Domain& domain) {
  return {waves_about(0.9, domain, {{0.2, 0.3, {1, 2}}, {0.1, 1.1, {2, -1}}}),
          waves_about(0.1, domain, {{0.3, 0.8, {2, 1}}, {0.2, 2.0, {1, -2}}}),
          waves_about(-0.2, domain, {{0.2, 0.1, {1, 1}}, {0.2, 2.5, {2, 0}}})};
}

// The same between neumann walls along all axes: even, but the velocities through walls odd.
State enclosed(const Domain& domain) {
  return [domain](std::span<const double> x, std::span<double> u) {
    u[0] = 0.9;
    u[1] = u[2] = 1;
    for (std::size_t a = 0; a < x.size(); ++a) {
      const double angle = wavenumber(domain.axes[a], 1) * (x[a] - domain.axes[a].lower);
      u[0] += 0.1 * std::cos((2 - a) * angle);
      u[1] *= 0.4 * (a == 0 ? std::sin(angle) : std::cos(2 * angle));
      u[2] *= 0.4 * (a == 1 ? std::sin(angle) : std::cos(2 * angle));
    }
  };
}

// The advective form, which is not the one that is solved.
State expected_rates(const Numbers& n, std::vector<Waves> f, int dims) {
  return [=](std::span<const double> x, std::span<double> rate) {
    const double h = f[0](x), velocity[] = {f[1](x), f[2](x)};
    rate[0] = 0;
    rate[1] = n.coriolis * velocity[1];
    rate[2] = -n.coriolis * velocity[0];
    for (int c : {0, 1}) rate[1 + c] += n.viscosity * f[1 + c].laplacian(x) - n.drag * velocity[c];
    for (int a = 0; a < dims; ++a) {
      const std::array<int, 3> along{a == 0, a == 1, 0};
      rate[0] -= f[0](x, along) * velocity[a] + h * f[1 + a](x, along);
      rate[1 + a] -= n.gravity * f[0](x, along);
      for (int c : {0, 1}) rate[1 + c] -= velocity[a] * f[1 + c](x, along);
    }
  };
}

TEST_F(ShallowWater, RatesAreThoseOfTheEquations) {
  const Numbers numbers;
  const auto system = water(numbers);
  for (int dims : {1, 2}) {
    const auto error = [&](int points, const Discretisation& how) {
      const Domain domain = skew_box(dims, points);
      const auto fields = smooth(domain);
      return relative_max(rate_of(Comm::self(), *system, domain, how, state_of(fields)),
                          sample(domain, expected_rates(numbers, fields, dims), 3));
    };
    EXPECT_LT(error(16, fourier()), 1e-13) << dims;
    for (int order : {2, 4, 6})
      EXPECT_NEAR(std::log2(error(32, differences(order)) / error(64, differences(order))), order, 0.3)
          << dims;
    EXPECT_LT(error(64, differences(6)), 1e-4);
  }
}

TEST_F(ShallowWater, ProductsHaveNoAliases) {
  for (int dims : {1, 2}) {
    const Domain domain = box(dims, 24, Boundary::periodic);
    const auto steep = waves_about(0.4, domain, {{0.5, 0.3, {7, 5}}, {0.4, 1.1, {6, -7}}});
    EXPECT_LT(change_when_moved(*water({}), domain, {steep, steep, steep}), 1e-12) << dims << "-D";
  }
}

TEST_F(ShallowWater, WallsAreMirrors) {
  Numbers numbers;
  numbers.coriolis = 0;
  const auto system = water(numbers);
  for (int dims : {1, 2})
    for (int order : {2, 4, 6})
      for (bool channel : {false, true}) {
        Domain walls = skew_box(dims, 18, Boundary::neumann);
        if (channel && dims == 1) continue;
        State state = enclosed(walls);
        if (channel) {  // walls along the second axis only; twice the length makes the state periodic
          walls.axes[0].length *= 2;
          walls.axes[0].boundary = Boundary::periodic;
        }
        const double distance =
            distance_from_mirrored_run(*system, walls, order, until(0.5, 50, "rk", "4"), state);
        EXPECT_LT(distance, 1e-12) << to_text(walls) << " order " << order;
      }
}

double integral(const Domain& domain, std::span<const double> state,
                const std::function<double(const double*)>& density) {
  double sum = 0, cell = 1;
  for (const auto& axis : domain.axes) cell *= axis.spacing();
  for (std::size_t i = 0; i < state.size(); i += 3) sum += density(&state[i]);
  return sum * cell;
}

double mass(const double* s) { return s[0]; }

std::function<double(const double*)> energy(const Numbers& n) {
  return [g = n.gravity](const double* s) {
    return s[0] * (s[1] * s[1] + s[2] * s[2]) / 2 + g * s[0] * s[0] / 2;
  };
}

// Differences conserve the energy of the discrete equations, so that what is lost falls like the error in
// time.
TEST_F(ShallowWater, MassAndEnergyAreConserved) {
  for (double coriolis : {0.0, 0.7})
    for (auto boundary : {Boundary::periodic, Boundary::neumann})
      for (const auto& how : {differences(2), differences(4), fourier()})
        for (int dims : {1, 2}) {
          if (boundary == Boundary::neumann && (coriolis != 0 || how.is_spectral())) continue;
          Numbers numbers = still();
          numbers.coriolis = coriolis;
          const auto system = water(numbers);
          const Domain domain = skew_box(dims, how.is_spectral() ? 64 : 24, boundary);
          const State state = boundary == Boundary::neumann ? enclosed(domain) : state_of(smooth(domain));
          const auto start = sample(domain, state, 3);
          const auto change = [&](int steps, const std::function<double(const double*)>& density) {
            const auto end = alone_to_end(*system, domain, how, until(0.5, steps, "rk", "4"), state);
            return std::abs(integral(domain, end, density) / integral(domain, start, density) - 1);
          };
          const auto what = to_text(how) + " " + to_text(domain);
          EXPECT_LT(change(50, mass), 1e-13) << what;
          EXPECT_LT(change(400, energy(numbers)), how.is_spectral() ? 1e-8 : 1e-9) << what;
        }
}

TEST_F(ShallowWater, ViscosityAndDragTakeEnergyAndLeaveMass) {
  Numbers numbers;
  numbers.coriolis = 0;
  const auto system = water(numbers);
  const Domain domain = skew_box(2, 24, Boundary::neumann);
  const auto start = sample(domain, enclosed(domain), 3);
  const auto end =
      alone_to_end(*system, domain, differences(4), until(5, 200, "arkimex", "4"), enclosed(domain));
  EXPECT_NEAR(integral(domain, end, mass) / integral(domain, start, mass), 1, 1e-9);
  const double rest = numbers.gravity / 2 * std::pow(integral(domain, start, mass), 2) /
                      (domain.axes[0].length * domain.axes[1].length);  // of a flat surface
  const double before = integral(domain, start, energy(numbers)) - rest;
  const double after = integral(domain, end, energy(numbers)) - rest;
  EXPECT_GT(after, 0);
  EXPECT_LT(after, before / 2);
}

// Poincare waves: omega^2 = f^2 + g H |k|^2. Small ones, against the whole of what is linear.
TEST_F(ShallowWater, SmallWavesHaveTheirDispersion) {
  const double tiny = 1e-8, end = 3;
  for (double coriolis : {0.0, 0.7})
    for (int dims : {1, 2}) {
      Numbers n = still();
      n.coriolis = coriolis;
      const auto system = water(n);
      const Domain domain = skew_box(dims, 16);
      const double kx = wavenumber(domain.axes[0], 1), ky = dims == 2 ? wavenumber(domain.axes[1], 2) : 0;
      const double square = kx * kx + ky * ky,
                   omega = std::sqrt(coriolis * coriolis + n.gravity * n.depth * square);
      const auto wave = [&](double t) -> State {
        return [=](std::span<const double> x, std::span<double> s) {
          const double angle = kx * x[0] + (dims == 2 ? ky * x[1] : 0) - omega * t;
          const double c = tiny * std::cos(angle), d = tiny * std::sin(angle), scale = n.depth * square;
          s[0] = n.depth + c;
          s[1] = (omega * kx * c - coriolis * ky * d) / scale;
          s[2] = (omega * ky * c + coriolis * kx * d) / scale;
        };
      };
      for (const char* integrator : {"etdrk4", "rk"}) {
        const auto time = until(end, 600, integrator, integrator[0] == 'r' ? "4" : "");
        auto found = alone_to_end(*system, domain, fourier(), time, wave(0));
        auto expected = sample(domain, wave(end), 3);
        for (std::size_t i = 0; i < found.size(); i += 3) {
          found[i] -= n.depth;
          expected[i] -= n.depth;
        }
        EXPECT_LT(relative_max(found, expected), 1e-6)
            << integrator << " f " << coriolis << " " << dims << "-D";
      }
    }
}

// A steady current in balance with the slope of the surface, however strong; without rotation a current that
// decays and is carried across.
TEST_F(ShallowWater, CurrentsAreExact) {
  const Numbers cases[] = {{1.3, 0.8, 0.7, 0, 0},
                           {1.3, 0.8, -2.5, 0, 0},
                           still(),
                           {1.3, 0.8, 0, 0.05, 0},
                           {1.3, 0.8, 0, 0.05, 0.2}};
  for (const auto& numbers : cases) {
    const auto system = water(numbers);
    for (int dims : {1, 2})
      for (bool square : {true, false}) {
        Domain domain = square ? box(dims, 24, Boundary::periodic, 3) : skew_box(dims, 24);
        const auto exact = system->exact(domain);
        ASSERT_TRUE(exact.has_value());
        const auto distance = [&](const Discretisation& how, double end) {
          const auto values =
              alone_to_end(*system, domain, how, until(end, 200, "rk", "4"), at_time(*exact, 0));
          return relative_max(values, sample(domain, at_time(*exact, end), 3));
        };
        EXPECT_LT(distance(fourier(), 1), 1e-8) << numbers.coriolis << " " << dims << "-D";
        const double coarse = distance(differences(4), 0.5);
        for (auto& axis : domain.axes) axis.points *= 2;
        EXPECT_NEAR(std::log2(coarse / distance(differences(4), 0.5)), 4, 0.4)
            << numbers.coriolis << " " << dims << "-D";
      }
  }
  EXPECT_FALSE(water({})->exact(box(1, 16, Boundary::periodic)).has_value()) << "losses, and rotation";
}

TEST_F(ShallowWater, UniformFlowTurnsAndSlowsDown) {
  const Numbers numbers;
  const double end = 4, angle = numbers.coriolis * end, left = 0.5 * std::exp(-numbers.drag * end);
  const State uniform = [](std::span<const double>, std::span<double> s) {
    s[0] = 0.9;
    s[1] = 0.5;
    s[2] = 0;
  };
  for (const auto& how : {fourier(), differences(2)}) {
    const auto values =
        alone_to_end(*water(numbers), skew_box(2, 8), how, until(end, 400, "rk", "4"), uniform);
    for (std::size_t i = 0; i < values.size(); i += 3) {
      EXPECT_NEAR(values[i], 0.9, 1e-12);
      EXPECT_NEAR(values[i + 1], left * std::cos(angle), 1e-9);
      EXPECT_NEAR(values[i + 2], -left * std::sin(angle), 1e-9);
    }
  }
}

TEST_F(ShallowWater, BackendsAgreeOnFineGrids) {
  const auto system = water({});
  std::vector<double> distances;
  for (int points : {48, 96}) {
    const Domain domain = box(2, points, Boundary::periodic);
    const auto state = state_of(smooth(domain));
    const auto time = until(0.5, 60, "rk", "4");
    distances.push_back(relative_max(alone_to_end(*system, domain, differences(6), time, state),
                                     alone_to_end(*system, domain, fourier(), time, state)));
  }
  if (test_world().is_root())
    std::cout << "  fd 6 against spectral, 96 x 96 points: " << distances[1] << "\n";
  EXPECT_LT(distances[1], 1e-5);
  EXPECT_GT(distances[0], 20 * distances[1]);
}

TEST(ShallowWaterSetup, StartsAtRestWithATenth) {
  const auto system = water(still());
  const Domain domain = box(2, 16, Boundary::neumann);
  for (const char* family : {"fourier", "gaussians", "random_field"}) {
    InitialOptions initial;
    initial.family = family;
    const auto values = sample(domain, initial_state(*system, domain, initial, 0, {}), 3);
    double deepest = 0;
    for (std::size_t i = 0; i < values.size(); i += 3) {
      EXPECT_GT(values[i], 0.4) << family;
      EXPECT_EQ(values[i + 1], 0);
      EXPECT_EQ(values[i + 2], 0);
      deepest = std::max(deepest, values[i]);
    }
    EXPECT_GT(deepest, 0.8) << family;
    EXPECT_LT(deepest, 1.2) << family;
  }
}

TEST(ShallowWaterSetup, WhatCannotBeSolvedIsRefused) {
  for (const auto& [key, bad] :
       {std::pair("gravity", 0.0), {"depth", 0.0}, {"viscosity", -1e-9}, {"drag", -1.0}})
    EXPECT_NE(set_parameter(*water({}), key, bad), "") << key << " = " << bad;
  const auto turning = water({}), fixed = water(still());
  EXPECT_EQ(turning->complaint(box(2, 16, Boundary::periodic)), "");
  EXPECT_NE(turning->complaint(box(2, 16, Boundary::neumann)), "");
  EXPECT_NE(turning->complaint(box(1, 16, Boundary::neumann)), "");
  EXPECT_EQ(fixed->complaint(box(2, 16, Boundary::neumann)), "");
  EXPECT_NE(fixed->complaint(box(2, 16, Boundary::dirichlet)), "");
  EXPECT_NE(fixed->complaint(box(3, 16, Boundary::periodic)), "");
}

}  // namespace
}  // namespace hypercast::pde
