// Allen-Cahn equation  u_t = eps^2 Lap u + u - u^3.
//
//   [pde.allen_cahn]
//   interface_width = 0.1
//
// S. M. Allen, J. W. Cahn, Acta Metallurgica 27 (1979). Two phases, u = -1 and u = 1, part within a time of
// order one along interfaces tanh(x / sqrt(2) eps), which then move with eps^2 times their curvature. In
// u_t = Lap u + (u - u^3) / eps^2, the other common scaling, the same happens at the times eps^2 t. The
// energy, the integral of eps^2 |grad u|^2 / 2 + (1 - u^2)^2 / 4, never grows.
//
// Exact, and at rest: u = sqrt(2 m / (1 + m)) sn(s / (eps sqrt(1 + m)) | m) with s along any direction and m
// such that the wave fits the domain.

#include <algorithm>
#include <cmath>
#include <numbers>

#include "pde/elliptic.hpp"
#include "pde/registry.hpp"
#include "pde/terms.hpp"

namespace hypercast::pde {

namespace {

// The m of which K sqrt(1 + m) is `length`; nothing when there is none, or so near 1 that it is not accurate.
std::optional<double> wave_of_length(double length) {
  const auto length_of = [](double m) { return complete_elliptic_k(m) * std::sqrt(1 + m); };
  double low = 0, high = 1 - 1e-8;
  if (length <= length_of(low) || length >= length_of(high)) return std::nullopt;
  for (int halving = 0; halving < 60; ++halving) {
    const double middle = (low + high) / 2;
    (length_of(middle) < length ? low : high) = middle;
  }
  return low;
}

class AllenCahn final : public System {
 public:
  void describe(Section& s) override {
    s.about("Allen-Cahn equation u_t = eps^2 Lap u + u - u^3.");
    s.key("interface_width", width_, "eps; an interface is tanh(x / sqrt(2) eps)").above(0);
  }
  // u -> -u maps solutions to solutions.
  bool reflects_at_walls(const Domain& domain) const override {
    return domain.wall_value == 0 || !domain.has_any(Boundary::dirichlet);
  }
  std::vector<LinearTerm> linear(int dims) const override {
    auto terms = laplacian(width_ * width_, dims);
    terms.push_back({0, 0, 1.0, {}});
    return terms;
  }
  void rhs(double, Operators& operators, Fields u, Rates dudt) const override {
    const auto values = u[0]->values();
    const auto square = operators.scratch(0);
    operators.product(values, values, square);
    for (std::size_t i = 0; i < square.size(); ++i) dudt[0][i] -= values[i] * square[i];
  }
  // Along the diagonal of a periodic box with equal sides, along the first axis of others.
  std::optional<ExactSolution> exact(const Domain& domain) const override {
    const auto& first = domain.axes[0];
    const bool diagonal = std::all_of(domain.axes.begin(), domain.axes.end(), [&](const DomainAxis& axis) {
      return axis.is_periodic() && axis.length == first.length;
    });
    const bool flat = std::none_of(domain.axes.begin() + 1, domain.axes.end(), [](const DomainAxis& axis) {
      return axis.boundary == Boundary::dirichlet;
    });
    if (!reflects_at_walls(domain) || !(diagonal || flat)) return std::nullopt;
    const int used = diagonal ? domain.dims() : 1;
    const double quarter = first.length / (first.is_periodic() ? 4 : 2);
    const double scale = width_ * std::sqrt(used);  // eps as the sum of the coordinates sees it
    const auto m = wave_of_length(quarter / scale);
    if (!m) return std::nullopt;
    const double k = complete_elliptic_k(*m) / quarter, height = std::sqrt(2 * *m / (1 + *m));
    double origin = 0;
    for (int axis = 0; axis < used; ++axis) origin += domain.axes[axis].lower;
    if (first.boundary == Boundary::neumann) origin -= quarter;  // a crest at the wall
    return [=, m = *m](double, std::span<const double> x, std::span<double> u) {
      double s = -origin;
      for (int axis = 0; axis < used; ++axis) s += x[axis];
      u[0] = height * jacobi(k * s, m).sn;
    };
  }

 private:
  double width_ = 0.5;
};

}  // namespace

void register_allen_cahn(SystemRegistry& registry) {
  registry.add("allen_cahn", "u_t = eps^2 Lap u + u - u^3", [] { return std::make_unique<AllenCahn>(); });
}

}  // namespace hypercast::pde
