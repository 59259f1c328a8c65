#pragma once
// Small problems for the tests, and what they measure.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>

#include "core/random.hpp"
#include "pde/registry.hpp"
#include "pde/setup.hpp"
#include "pde/solver/gather.hpp"
#include "pde/solver/session.hpp"
#include "pde/solver/solver.hpp"
#include "test_world.hpp"

namespace hypercast::pde {

// Tests that solve: one PETSc session a suite.
class Solving : public testing::Test {
 protected:
  static void SetUpTestSuite() { session = std::make_unique<PetscSession>(test_world(), PetscOptions{}); }
  static void TearDownTestSuite() { session.reset(); }
  static inline std::unique_ptr<PetscSession> session;
};

// Of tests that one rank does alone: whether it is another one.
inline bool elsewhere() { return !test_world().is_root(); }

inline Domain box(int dims, int points, Boundary boundary, double length = 2 * std::numbers::pi) {
  Domain domain;
  for (int a = 0; a < dims; ++a)
    domain.axes.push_back({std::string(1, "xyz"[a]), 0.0, length, points, boundary});
  return domain;
}

// How a registered equation is tested: its default parameters, but for some that show more.
inline std::unique_ptr<System> make(const std::string& name) {
  auto system = systems().find(name).make();
  if (name == "navier_stokes") set_parameter(*system, "viscosity", 0.1);
  return system;
}

// The periodic box of the fewest axes on which an equation can be solved.
inline Domain least_box(const System& system, int points) {
  for (int dims : {1, 2, 3})
    if (const Domain domain = box(dims, points, Boundary::periodic); system.complaint(domain).empty())
      return domain;
  throw Error("the equation cannot be solved on any periodic box");
}

inline TimeOptions until(double end, int steps, const std::string& integrator, const std::string& method) {
  TimeOptions time;
  time.end = end;
  time.frames = 2;
  time.step = end / steps;
  time.integrator = integrator;
  time.method = method;
  return time;
}

// COLLECTIVE. The whole frame on every rank: [point][channel], last axis fastest.
inline std::vector<double> gather(const Comm& comm, const Solver& solver, const Domain& domain) {
  return gather(comm, solver.block(), solver.state(), domain.extents());
}

// COLLECTIVE. Solves to the last frame.
inline std::vector<double> solve_to_end(const Comm& comm, const System& system, const Domain& domain,
                                        const Discretisation& how, const TimeOptions& time,
                                        const State& state) {
  Solver solver(comm, system, domain, how, time);
  solver.start(state);
  for (int frame = 1; frame < time.frames; ++frame) solver.advance();
  return gather(comm, solver, domain);
}

inline double relative_l2(const std::vector<double>& a, const std::vector<double>& b) {
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference += (a[i] - b[i]) * (a[i] - b[i]);
    size += b[i] * b[i];
  }
  return std::sqrt(difference / size);
}

inline double relative_max(const std::vector<double>& a, const std::vector<double>& b) {
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference = std::max(difference, std::abs(a[i] - b[i]));
    size = std::max(size, std::abs(b[i]));
  }
  return difference / size;
}

// A state at every grid point of the domain: [point][channel].
inline std::vector<double> sample(const Domain& domain, const State& state, std::size_t channels = 1) {
  std::vector<double> result(domain.points() * channels);
  std::vector<double> x(domain.dims());
  for (std::int64_t p = 0; p < domain.points(); ++p) {
    std::int64_t rest = p;
    for (int a = domain.dims() - 1; a >= 0; --a) {
      x[a] = domain.axes[a].point(rest % domain.axes[a].points);
      rest /= domain.axes[a].points;
    }
    state(x, std::span(&result[p * channels], channels));
  }
  return result;
}

inline State at_time(const ExactSolution& exact, double t) {
  return [exact, t](std::span<const double> x, std::span<double> u) { exact(t, x, u); };
}

// COLLECTIVE. Relative L2 error against the exact solution at the end.
inline double exact_error(const Comm& comm, const System& system, const Domain& domain,
                          const Discretisation& how, const TimeOptions& time) {
  const auto exact = system.exact(domain);
  const auto end = solve_to_end(comm, system, domain, how, time, at_time(*exact, time.start));
  return relative_l2(end, sample(domain, at_time(*exact, time.end), system.channels().size()));
}

// A few long waves, others in every channel.
inline State smooth_state(const System& system) {
  return [&system](std::span<const double> x, std::span<double> u) {
    for (std::size_t c = 0; c < u.size(); ++c) {
      u[c] = std::sin(x[0] + 0.7 * c) + 0.5 * std::cos(2 * x[0]);
      if (x.size() > 1) u[c] += 0.5 * std::sin(x[0] - 2 * x[1]) + 0.3 * std::cos(x[1]);
    }
    system.from_family(u);
  };
}

// COLLECTIVE. du/dt of a state: one step of forward Euler of length 1.
inline std::vector<double> rate_of(const Comm& comm, const System& system, const Domain& domain,
                                   const Discretisation& how, const State& state, double t = 0) {
  auto time = until(1, 1, "euler", "");
  time.start = t;
  time.end = t + 1;
  auto rate = solve_to_end(comm, system, domain, how, time, state);
  const auto values = sample(domain, state, system.channels().size());
  for (std::size_t i = 0; i < rate.size(); ++i) rate[i] -= values[i];
  return rate;
}

// A bound on the eigenvalues of the linear part, by any discretisation: explicit steps must be shorter than a
// small multiple of its inverse.
inline double stiffness(const System& system, const Domain& domain) {
  const std::size_t n = system.channels().size();
  std::vector<double> bound(n * n, 0.0);  // of what column does to row
  for (const auto& term : system.linear(domain.dims())) {
    double product = std::abs(term.coefficient);
    for (int a = 0; a < domain.dims(); ++a)
      product *= std::pow(std::numbers::pi / domain.axes[a].spacing(), term.orders[a]);
    bound[term.row * n + term.column] += product;
  }
  // The spectral radius of that matrix: how vectors grow in many products with it.
  std::vector<double> x(n, 1.0), y(n);
  double logarithm = 0;
  constexpr int products = 200;
  for (int i = 0; i < products; ++i) {
    std::fill(y.begin(), y.end(), 0.0);
    for (std::size_t r = 0; r < n; ++r)
      for (std::size_t c = 0; c < n; ++c) y[r] += bound[r * n + c] * x[c];
    const double norm = *std::max_element(y.begin(), y.end());
    if (norm == 0) return 0;
    logarithm += std::log(norm);
    for (std::size_t r = 0; r < n; ++r) x[r] = y[r] / norm;
  }
  return std::exp(logarithm / products);
}

// A time in which a state changes by about a half, at most `longest`.
inline double short_time(const System& system, const Domain& domain, const State& state, double longest) {
  const auto values = sample(domain, state, system.channels().size());
  auto moved = rate_of(Comm::self(), system, domain, differences(4), state);
  for (std::size_t i = 0; i < moved.size(); ++i) moved[i] += values[i];
  return std::min(longest, 0.5 / relative_l2(moved, values));
}

}  // namespace hypercast::pde
