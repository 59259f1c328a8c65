// Bumps that know the walls. Along a periodic axis a bump is exp((cos(2 pi (x - c)/L) - 1) (L / 2 pi w)^2),
// near its centre a Gaussian of standard deviation w; between walls it has the period 2L and comes with its
// even (Neumann) or odd (Dirichlet) mirror image.

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "core/random.hpp"
#include "pde/initial.hpp"

namespace hypercast::pde {

namespace {

struct Bump {
  double height, width;
  std::array<double, 3> centre;
};

double hump(double distance, double period, double width) {
  const double turn = 2 * std::numbers::pi / period;
  return std::exp((std::cos(turn * distance) - 1) / (turn * width * turn * width));
}

double factor(const DomainAxis& axis, double x, double centre, double width) {
  if (axis.is_periodic()) return hump(x - centre, axis.length, width);
  const double sign = axis.boundary == Boundary::neumann ? 1 : -1;
  const double period = 2 * axis.length;
  return hump(x - centre, period, width) + sign * hump(x + centre - 2 * axis.lower, period, width);
}

}  // namespace

Scalar gaussians_state(const Domain& domain, const InitialOptions& options, std::uint32_t trajectory,
                       int channel) {
  const Random random(options.seed, Random::Purpose::initial_state, trajectory);
  double shortest = domain.axes[0].length;
  for (const auto& axis : domain.axes) shortest = std::min(shortest, axis.length);
  std::vector<Bump> bumps;
  for (int b = 0; b < options.count; ++b) {
    const auto at = (std::uint64_t(channel) * options.count + b) * 8;
    Bump bump{options.amplitude * (2 * random.uniform(at) - 1),
              shortest * std::lerp(options.width[0], options.width[1], random.uniform(at + 1)),
              {}};
    for (std::size_t a = 0; a < domain.axes.size(); ++a)
      bump.centre[a] = domain.axes[a].lower + domain.axes[a].length * random.uniform(at + 2 + a);
    bumps.push_back(bump);
  }
  return [domain, bumps](std::span<const double> x) {
    double sum = 0;
    for (const auto& bump : bumps) {
      double product = bump.height;
      for (std::size_t a = 0; a < x.size(); ++a)
        product *= factor(domain.axes[a], x[a], bump.centre[a], bump.width);
      sum += product;
    }
    return sum;
  };
}

}  // namespace hypercast::pde
