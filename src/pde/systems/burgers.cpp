// Scalar viscous Burgers equation  u_t + u (u_x + u_y + u_z) = nu Lap u.
//
//   [pde.burgers]
//   viscosity = 0.06
//
// Exact (J. D. Cole 1951, E. Hopf 1950), in one dimension, with phi = 1 + a e^{-nu k^2 t} cos kx:
//   u = -2 nu phi_x / phi = 2 nu a k e^{-nu k^2 t} sin kx / (1 + a e^{-nu k^2 t} cos kx).
// In d dimensions u = w(x + y + z)/d, where w solves the one-dimensional equation with viscosity d nu.

#include <algorithm>
#include <cmath>
#include <numbers>

#include "pde/registry.hpp"
#include "pde/terms.hpp"

namespace hypercast::pde {

namespace {

class Burgers final : public System {
 public:
  void describe(Section& s) override {
    s.about("Scalar viscous Burgers equation u_t + u (u_x + u_y + u_z) = nu Lap u.");
    s.key("viscosity", nu_, "nu").above(0);
  }
  // u -> -u(-x) maps solutions to solutions; with a second axis, or an even reflection, it does not.
  bool reflects_at_walls(const Domain& domain) const override {
    return domain.is_periodic() ||
           (domain.dims() == 1 && domain.has_only(Boundary::dirichlet) && domain.wall_value == 0);
  }
  std::vector<LinearTerm> linear(int dims) const override { return laplacian(nu_, dims); }
  void rhs(double, Operators& operators, Fields u, Rates dudt) const override {
    const auto slope = operators.scratch(0);
    std::fill(slope.begin(), slope.end(), 0.0);
    for (int axis = 0; axis < operators.domain().dims(); ++axis)
      operators.add_derivative(*u[0], axis, 1, 1.0, slope);
    const auto values = u[0]->values();
    for (std::size_t i = 0; i < slope.size(); ++i) dudt[0][i] -= values[i] * slope[i];
  }
  std::optional<ExactSolution> exact(const Domain& domain) const override {
    if (!has_exact(domain)) return std::nullopt;
    const int d = domain.dims();
    double origin = 0;
    for (const auto& axis : domain.axes) origin += axis.lower;
    const double k = (domain.is_periodic() ? 2 : 1) * std::numbers::pi / domain.axes[0].length;
    return [nu = d * nu_, d, origin, k](double t, std::span<const double> x, std::span<double> u) {
      double xi = -origin;
      for (double coordinate : x) xi += coordinate;
      const double a = 0.5 * std::exp(-nu * k * k * t);
      u[0] = 2 * nu * a * k * std::sin(k * xi) / (1 + a * std::cos(k * xi)) / d;
    };
  }

 private:
  static bool has_exact(const Domain& domain) {
    if (!domain.is_periodic())
      return domain.dims() == 1 && domain.has_only(Boundary::dirichlet) && domain.wall_value == 0;
    return std::all_of(domain.axes.begin(), domain.axes.end(),
                       [&](const auto& axis) { return axis.length == domain.axes[0].length; });
  }

  double nu_ = 0.1;
};

}  // namespace

void register_burgers(SystemRegistry& registry) {
  registry.add("burgers", "u_t + u (u_x + u_y + u_z) = nu Lap u", [] { return std::make_unique<Burgers>(); });
}

}  // namespace hypercast::pde
