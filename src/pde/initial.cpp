#include "pde/initial.hpp"

#include <fmt/core.h>

#include <cmath>
#include <numbers>

#include "core/error.hpp"

namespace hypercast::pde {

std::vector<std::string> initial_families() {
  return {"fourier", "gaussians", "random_field", "exact", "dino_random_field", "dino_gaussian"};
}

bool is_published(const std::string& family) { return family.starts_with("dino_"); }

double wavenumber(const DomainAxis& axis, int n) {
  return (axis.is_periodic() ? 2 : 1) * std::numbers::pi * n / axis.length;
}

double evaluate(const Domain& domain, std::span<const Mode> modes, std::span<const double> x) {
  double sum = 0;
  for (const auto& mode : modes) {
    double angle = mode.phase, walls = mode.amplitude;
    for (std::size_t a = 0; a < x.size(); ++a) {
      const auto& axis = domain.axes[a];
      if (axis.boundary == Boundary::periodic) angle += mode.k[a] * x[a];
      if (axis.boundary == Boundary::dirichlet) walls *= std::sin(mode.k[a] * (x[a] - axis.lower));
      if (axis.boundary == Boundary::neumann) walls *= std::cos(mode.k[a] * (x[a] - axis.lower));
    }
    sum += walls * std::sin(angle);
  }
  return sum;
}

double mean_square(const Domain& domain, const Mode& mode) {
  double product = mode.amplitude * mode.amplitude;
  bool waves = false;
  for (std::size_t a = 0; a < domain.axes.size(); ++a) {
    const bool periodic = domain.axes[a].is_periodic();
    waves = waves || (periodic && mode.k[a] != 0);
    if (!periodic && mode.k[a] != 0) product /= 2;
  }
  return product * (waves ? 0.5 : std::pow(std::sin(mode.phase), 2));
}

std::string mode_complaint(const Domain& domain, const std::vector<double>& row) {
  if (row.size() != 2 + domain.axes.size())
    return fmt::format("a row needs {} numbers here: amplitude, phase and one wave number an axis",
                       2 + domain.dims());
  for (std::size_t a = 0; a < domain.axes.size(); ++a) {
    const double n = row[2 + a] / wavenumber(domain.axes[a], 1);
    if (std::abs(n - std::round(n)) > 1e-9)
      return fmt::format("wave number {} does not fit axis {}, whose wave numbers are multiples of {:.12g}",
                         row[2 + a], domain.axes[a].name, wavenumber(domain.axes[a], 1));
  }
  return "";
}

Complaint initial_complaint(const System& system, const Domain& domain, const InitialOptions& options) {
  if (options.family == "exact" && !system.exact(domain))
    return {"family", "the equation has no exact solution on this domain"};
  if (options.width.size() != 2 || options.width[0] > options.width[1])
    return {"width", "width needs two numbers, the least and the largest"};
  if (is_published(options.family)) return dino_complaint(system, domain, options);
  if (options.family != "fourier") return {};
  for (const auto& row : options.modes)
    if (const auto text = mode_complaint(domain, row); !text.empty()) return {"modes", text};
  return {};
}

State initial_state(const System& system, const Domain& domain, const InitialOptions& options, double start,
                    Draw draw) {
  if (options.family == "exact")
    return [exact = *system.exact(domain), start](std::span<const double> x, std::span<double> u) {
      exact(start, x, u);
    };
  if (is_published(options.family)) return dino_state(domain, options, draw.seed);
  const auto family = options.family == "fourier"     ? fourier_state
                      : options.family == "gaussians" ? gaussians_state
                                                      : random_field_state;
  std::vector<Scalar> channels;
  for (std::size_t c = 0; c < system.channels().size(); ++c)
    channels.push_back(family(domain, options, draw.stream, static_cast<int>(c)));
  const double base = domain.has_any(Boundary::dirichlet) ? domain.wall_value : 0.0;
  return [channels, base, &system](std::span<const double> x, std::span<double> u) {
    for (std::size_t c = 0; c < channels.size(); ++c) u[c] = channels[c](x);
    system.from_family(u);
    for (double& value : u) value += base;
  };
}

}  // namespace hypercast::pde
