// A few modes, given or drawn. Given ones start the first channel; the others start at zero.

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/random.hpp"
#include "pde/initial.hpp"

namespace hypercast::pde {

namespace {

std::vector<Mode> given(const InitialOptions& options) {
  std::vector<Mode> modes;
  for (const auto& row : options.modes) {
    Mode mode{options.amplitude * row[0], row[1], {}};
    std::copy(row.begin() + 2, row.end(), mode.k.begin());
    modes.push_back(mode);
  }
  return modes;
}

// One random mode from eight numbers of the stream, the first of them at `at`.
Mode draw(const Domain& domain, const InitialOptions& options, const Random& random, std::uint64_t at) {
  Mode mode{random.normal(at), 2 * std::numbers::pi * random.uniform(at + 1), {}};
  const int most = options.max_wavenumber;
  double length = 0;
  for (std::size_t a = 0; a < domain.axes.size(); ++a) {
    const auto& axis = domain.axes[a];
    const auto pick = [&](int bound) { return static_cast<int>(random.below(bound, at + 2 + a)); };
    int n = 0;
    if (axis.boundary == Boundary::periodic) n = pick(2 * most + 1) - most;
    if (axis.boundary == Boundary::dirichlet) n = pick(most) + 1;
    if (axis.boundary == Boundary::neumann) n = pick(most + 1);
    mode.k[a] = wavenumber(axis, n);
    length += n * n;
  }
  if (length == 0) {  // a constant is no mode
    mode.k[0] = wavenumber(domain.axes[0], 1);
    length = 1;
  }
  if (!domain.has_any(Boundary::periodic)) mode.phase = std::numbers::pi / 2;
  mode.amplitude *= std::pow(length, -options.decay / 2);
  return mode;
}

}  // namespace

Scalar fourier_state(const Domain& domain, const InitialOptions& options, std::uint32_t trajectory,
                     int channel) {
  std::vector<Mode> modes;
  if (!options.modes.empty()) {
    if (channel == 0) modes = given(options);
  } else {
    const Random random(options.seed, Random::Purpose::initial_state, trajectory);
    double square = 0;
    for (int m = 0; m < options.count; ++m) {
      modes.push_back(draw(domain, options, random, (std::uint64_t(channel) * options.count + m) * 8));
      square += mean_square(domain, modes.back());
    }
    for (auto& mode : modes) mode.amplitude *= options.amplitude / std::sqrt(square);
  }
  return [domain, modes](std::span<const double> x) { return evaluate(domain, modes, x); };
}

}  // namespace hypercast::pde
