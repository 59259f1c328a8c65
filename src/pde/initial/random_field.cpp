// A Gaussian random field: every mode up to max_wavenumber has an independent normal amplitude of variance
// proportional to (|k|^2 + tau^2)^-alpha. Cosine (Neumann) or sine (Dirichlet) modes between walls.

#include <cmath>
#include <numbers>

#include "core/random.hpp"
#include "pde/initial.hpp"

namespace hypercast::pde {

namespace {

// All modes of the box of wave numbers; of k and -k along periodic axes, which are the same, only one.
std::vector<Mode> all_modes(const Domain& domain, int most) {
  std::vector<Mode> modes{Mode{}};
  for (std::size_t a = 0; a < domain.axes.size(); ++a) {
    const auto& axis = domain.axes[a];
    const int first = axis.is_periodic() ? -most : axis.boundary == Boundary::dirichlet ? 1 : 0;
    std::vector<Mode> more;
    for (const auto& mode : modes)
      for (int n = first; n <= most; ++n) {
        more.push_back(mode);
        more.back().k[a] = wavenumber(axis, n);
      }
    modes = std::move(more);
  }
  std::erase_if(modes, [&](const Mode& mode) {
    bool constant = true;
    for (std::size_t a = 0; a < domain.axes.size(); ++a) {
      constant = constant && mode.k[a] == 0;
      if (!domain.axes[a].is_periodic() || mode.k[a] == 0) continue;
      return mode.k[a] < 0;  // the sign of the first periodic wave number that has one
    }
    return constant;
  });
  return modes;
}

bool waves(const Domain& domain, const Mode& mode) {
  for (std::size_t a = 0; a < domain.axes.size(); ++a)
    if (domain.axes[a].is_periodic() && mode.k[a] != 0) return true;
  return false;
}

}  // namespace

Scalar random_field_state(const Domain& domain, const InitialOptions& options, std::uint32_t trajectory,
                          int channel) {
  const Random random(options.seed, Random::Purpose::initial_state, trajectory);
  auto modes = all_modes(domain, options.max_wavenumber);
  double expected = 0;
  for (std::size_t m = 0; m < modes.size(); ++m) {
    auto& mode = modes[m];
    const auto at = (channel * modes.size() + m) * 2;
    const double square = mode.k[0] * mode.k[0] + mode.k[1] * mode.k[1] + mode.k[2] * mode.k[2];
    const double deviation = std::pow(square + options.tau * options.tau, -options.alpha / 2);
    const bool wave = waves(domain, mode);
    // a cos kx + b sin kx with a and b normal: a Rayleigh amplitude (of mean square 2) and a uniform phase.
    mode.phase = wave ? 2 * std::numbers::pi * random.uniform(at + 1) : std::numbers::pi / 2;
    mode.amplitude = deviation * std::sqrt(wave ? 2.0 : 1.0);
    expected += mean_square(domain, mode);
    mode.amplitude = deviation * (wave ? std::sqrt(-2 * std::log(random.uniform(at))) : random.normal(at));
  }
  for (auto& mode : modes) mode.amplitude *= options.amplitude / std::sqrt(expected);
  return [domain, modes](std::span<const double> x) { return evaluate(domain, modes, x); };
}

}  // namespace hypercast::pde
