#pragma once
// Waves on a box with unequal sides, and walls as mirrors: for tests of single equations. They run on one
// rank; many give the same numbers (pde/ranks_test.cpp).

#include <array>

#include "pde/problem.hpp"
#include "pde/trigonometric.hpp"

namespace hypercast::pde {

inline std::vector<double> alone_to_end(const System& system, const Domain& domain, const Discretisation& how,
                                        const TimeOptions& time, const State& state) {
  return solve_to_end(Comm::self(), system, domain, how, time, state);
}

// A box whose axes have different lengths, origins and numbers of points.
inline Domain skew_box(int dims, int points, Boundary boundary = Boundary::periodic) {
  Domain domain = box(dims, points, boundary);
  const double lengths[] = {2 * std::numbers::pi, 3.0, 4.0}, lowers[] = {-1.0, 0.5, 2.0};
  for (int a = 0; a < dims; ++a) {
    domain.axes[a].length = lengths[a];
    domain.axes[a].lower = lowers[a];
    domain.axes[a].points += 2 * a;
  }
  return domain;
}

// A constant and waves whose k counts periods (between walls: half periods) along the axes.
inline Waves waves_about(double constant, const Domain& domain, std::vector<Mode> modes) {
  for (auto& mode : modes)
    for (int a = 0; a < 3; ++a) mode.k[a] *= a < domain.dims() ? wavenumber(domain.axes[a], 1) : 0;
  modes.push_back({constant, std::numbers::pi / 2, {}});
  return {modes};
}

// How the root mean square of du/dt with Fourier series changes, relatively, when the state is moved by a
// part of a spacing: not at all, as on paper, when products are freed of aliases.
inline double change_when_moved(const System& system, const Domain& domain, std::vector<Waves> channels) {
  const auto size = [&] {
    const auto rate = rate_of(Comm::self(), system, domain, fourier(), state_of(channels));
    double square = 0;
    for (double value : rate) square += value * value;
    return std::sqrt(square);
  };
  const double before = size();
  for (auto& waves : channels)
    for (auto& mode : waves.modes)
      for (int a = 0; a < domain.dims(); ++a) mode.phase += 0.3 * domain.axes[a].spacing() * mode.k[a];
  return std::abs(size() / before - 1);
}

// How far a run between walls is from the run on the periodic domain that is made of it and its mirror images
// along every axis with walls: even images at Neumann walls but for the channels that are odd there, odd ones
// at Dirichlet walls. `state` starts the run between the walls.
inline double distance_from_mirrored_run(const System& system, const Domain& walls, int order,
                                         const TimeOptions& time, const State& state) {
  Domain mirrored = walls;
  for (auto& axis : mirrored.axes) {
    if (axis.is_periodic()) continue;
    const bool nodes = axis.boundary == Boundary::dirichlet;
    axis = {axis.name, axis.lower + (nodes ? 0 : axis.spacing() / 2), 2 * axis.length,
            2 * (axis.points - (nodes ? 1 : 0)), Boundary::periodic};
  }
  const State unfolded = [&](std::span<const double> x, std::span<double> u) {
    std::vector<double> at(x.begin(), x.end());
    std::array<bool, 3> beyond{};
    for (std::size_t a = 0; a < at.size(); ++a) {
      const auto& axis = walls.axes[a];
      const double upper = axis.lower + axis.length;
      beyond[a] = !axis.is_periodic() && at[a] > upper + 1e-9;
      if (beyond[a]) at[a] = 2 * upper - at[a];
    }
    state(at, u);
    for (std::size_t c = 0; c < u.size(); ++c)
      for (std::size_t a = 0; a < at.size(); ++a)
        if (beyond[a] &&
            (walls.axes[a].boundary == Boundary::dirichlet || system.odd(static_cast<int>(c))[a]))
          u[c] = -u[c];
  };
  const std::size_t channels = system.channels().size();
  const auto one = alone_to_end(system, walls, differences(order), time, state);
  const auto both = alone_to_end(system, mirrored, differences(order), time, unfolded);
  double worst = 0;
  for (std::size_t p = 0; p < one.size() / channels; ++p) {
    std::size_t rest = p, to = 0, stride = 1;
    for (int a = walls.dims() - 1; a >= 0; --a) {
      to += rest % walls.axes[a].points * stride;
      rest /= walls.axes[a].points;
      stride *= mirrored.axes[a].points;
    }
    for (std::size_t c = 0; c < channels; ++c)
      worst = std::max(worst, std::abs(one[p * channels + c] - both[to * channels + c]));
  }
  return worst;
}

}  // namespace hypercast::pde
