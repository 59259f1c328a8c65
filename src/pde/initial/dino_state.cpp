// The initial states of DINo as functions of the point: the arrays of dino.hpp and what lies between their
// points.

#include <fmt/core.h>

#include "pde/initial.hpp"
#include "pde/initial/dino.hpp"
#include "pde/initial/grid_function.hpp"

namespace hypercast::pde {

namespace {

bool is_random_field(const InitialOptions& options) { return options.family == "dino_random_field"; }

// The grid that the numbers belong to.
Domain drawn_on(Domain domain, const InitialOptions& options) {
  if (options.points > 0)
    for (auto& axis : domain.axes) axis.points = options.points;
  return domain;
}

}  // namespace

Complaint dino_complaint(const System& system, const Domain& grid, const InitialOptions& options) {
  const Domain domain = drawn_on(grid, options);
  const auto refuse = [&](const std::string& text) -> Complaint {
    return {"family", options.family + " " + text};
  };
  if (domain.dims() != 2 || domain.axes[0].points != domain.axes[1].points)
    return refuse("needs a grid of N x N points");
  if (domain.has_any(Boundary::dirichlet)) return refuse("does not vanish on dirichlet walls");
  const int n = domain.axes[0].points;
  if (is_random_field(options) ? n % 4 != 0 : (n & (n - 1)) != 0)
    return refuse(fmt::format("needs {}, not {} points along each axis",
                              is_random_field(options) ? "a multiple of 4" : "a power of two", n));
  const std::size_t channels = is_random_field(options) ? 1 : 2;
  if (system.channels().size() != channels)
    return refuse(fmt::format("starts {}; the equation has {}",
                              channels == 1 ? "one channel" : "two channels", system.channels().size()));
  if (is_random_field(options) && options.tau == 0) return {"tau", "dino_random_field needs tau above 0"};
  return {};
}

State dino_state(const Domain& grid, const InitialOptions& options, std::uint32_t seed) {
  const Domain domain = drawn_on(grid, options);
  const int n = domain.axes[0].points;
  auto values = is_random_field(options) ? dino_random_field(n, options.alpha, options.tau, seed)
                                         : dino_gaussian(n, draw_dino_bump(n, seed));
  for (auto& value : values) value *= options.amplitude;
  return [field = GridFunction(domain, std::move(values))](std::span<const double> x,
                                                           std::span<double> u) mutable {
    u[0] = field(x);
    if (u.size() > 1) u[1] = 0;  // waves start at rest
  };
}

}  // namespace hypercast::pde
