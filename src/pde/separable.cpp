#include "pde/separable.hpp"

#include <cmath>
#include <numbers>

namespace hypercast::pde {

namespace {

double factor(const DomainAxis& axis, double nu, double c, double t, double position) {
  const double x = position - axis.lower;
  const double k = (axis.is_periodic() ? 2 : 1) * std::numbers::pi / axis.length;
  const double decay = std::exp(-nu * k * k * t);
  if (axis.is_periodic()) return decay * std::sin(k * (x - c * t) + 0.3);
  const double phase = axis.boundary == Boundary::dirichlet ? 0.0 : std::atan2(2 * nu * k, -c);
  return std::exp(c * x / (2 * nu) - c * c / (4 * nu) * t) * decay * std::sin(k * x + phase);
}

}  // namespace

ExactSolution separable_solution(const Domain& domain, double nu, std::vector<double> velocity) {
  const double base = domain.has_any(Boundary::dirichlet) ? domain.wall_value : 0.0;
  return [=](double t, std::span<const double> x, std::span<double> u) {
    double product = 1;
    for (std::size_t a = 0; a < x.size(); ++a) product *= factor(domain.axes[a], nu, velocity[a], t, x[a]);
    u[0] = base + product;
  };
}

}  // namespace hypercast::pde
