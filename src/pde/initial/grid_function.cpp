#include "pde/initial/grid_function.hpp"

#include <cmath>
#include <numbers>

#include "core/error.hpp"

namespace hypercast::pde {

namespace {

constexpr double same_point = 1e-9;  // of a spacing

double kernel(double angle, int points) {
  const double half = angle / 2;
  if (std::abs(std::sin(half)) < 1e-12) return 1;
  return std::sin(points * half) / (points * std::tan(half));
}

// The index of the grid point at x, or -1.
int index_at(const DomainAxis& axis, double x) {
  const double position = (x - axis.point(0)) / axis.spacing(), nearest = std::round(position);
  if (std::abs(position - nearest) > same_point) return -1;
  if (!axis.is_periodic()) return nearest >= 0 && nearest < axis.points ? static_cast<int>(nearest) : -1;
  return static_cast<int>(nearest - axis.points * std::floor(nearest / axis.points));
}

// The cardinal functions of the axis at x.
void cardinal(const DomainAxis& axis, double x, std::vector<double>& weights) {
  weights.assign(axis.points, 0);
  if (const int index = index_at(axis, x); index >= 0) {
    weights[index] = 1;
    return;
  }
  const double turn = (axis.is_periodic() ? 2 : 1) * std::numbers::pi / axis.length;
  const double angle = turn * (x - axis.lower);
  for (int j = 0; j < axis.points; ++j) {
    const double own = turn * (axis.point(j) - axis.lower);
    weights[j] = axis.is_periodic()
                     ? kernel(angle - own, axis.points)
                     : kernel(angle - own, 2 * axis.points) + kernel(angle + own, 2 * axis.points);
  }
}

}  // namespace

GridFunction::GridFunction(Domain domain, std::vector<double> values)
    : domain_(std::move(domain)), values_(std::move(values)) {
  check(domain_.dims() == 2 && values_.size() == static_cast<std::size_t>(domain_.points()),
        "values that do not fit their grid");
  for (const auto& axis : domain_.axes)
    check(axis.points % 2 == 0 && axis.boundary != Boundary::dirichlet, "a grid without an interpolant");
}

double GridFunction::operator()(std::span<const double> x) {
  if (x[0] != at_) {
    cardinal(domain_.axes[0], x[0], weights_);
    line_.assign(domain_.axes[1].points, 0);
    for (std::size_t i = 0; i < weights_.size(); ++i)
      for (std::size_t j = 0; j < line_.size(); ++j) line_[j] += weights_[i] * values_[i * line_.size() + j];
    at_ = x[0];
  }
  cardinal(domain_.axes[1], x[1], weights_);
  double sum = 0;
  for (std::size_t j = 0; j < line_.size(); ++j) sum += weights_[j] * line_[j];
  return sum;
}

}  // namespace hypercast::pde
