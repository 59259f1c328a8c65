#include "pde/domain.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace hypercast::pde {

double DomainAxis::spacing() const {
  return length / (boundary == Boundary::dirichlet ? points - 1 : points);
}

double DomainAxis::point(std::int64_t i) const {
  const double offset = boundary == Boundary::neumann ? 0.5 : 0.0;
  return lower + (static_cast<double>(i) + offset) * spacing();
}

std::int64_t Domain::points() const {
  std::int64_t product = 1;
  for (const auto& axis : axes) product *= axis.points;
  return product;
}

std::vector<int> Domain::extents() const {
  std::vector<int> result;
  for (const auto& axis : axes) result.push_back(axis.points);
  return result;
}

bool Domain::is_periodic() const { return has_only(Boundary::periodic); }

bool Domain::has_only(Boundary kind) const {
  return std::all_of(axes.begin(), axes.end(), [&](const auto& axis) { return axis.boundary == kind; });
}

bool Domain::has_any(Boundary kind) const {
  return std::any_of(axes.begin(), axes.end(), [&](const auto& axis) { return axis.boundary == kind; });
}

std::vector<io::Axis> Domain::io_axes() const {
  std::vector<io::Axis> result;
  for (const auto& axis : axes) {
    io::Axis copy{axis.name, {}, axis.boundary};
    for (int i = 0; i < axis.points; ++i) copy.points.push_back(axis.point(i));
    result.push_back(std::move(copy));
  }
  return result;
}

std::string to_text(Boundary boundary) {
  switch (boundary) {
    case Boundary::periodic:
      return "periodic";
    case Boundary::dirichlet:
      return "dirichlet";
    case Boundary::neumann:
      return "neumann";
    case Boundary::open:
      break;
  }
  return "open";
}

std::string to_text(const Domain& domain) {
  std::string sizes, kinds;
  for (const auto& axis : domain.axes) {
    sizes += (sizes.empty() ? "" : " x ") + std::to_string(axis.points);
    kinds += (kinds.empty() ? "" : ", ") + to_text(axis.boundary);
  }
  return domain.is_periodic() ? sizes + " periodic" : fmt::format("{} ({})", sizes, kinds);
}

}  // namespace hypercast::pde
