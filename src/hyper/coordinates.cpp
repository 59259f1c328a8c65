#include "hyper/coordinates.hpp"

#include <cmath>
#include <numbers>

namespace hypercast::hyper {

Coordinates::Coordinates(std::vector<DomainAxis> axes) : axes_(std::move(axes)) {
  for (const auto& axis : axes_) inputs_ += axis.periodic() ? 2 : 1;
}

Coordinates Coordinates::of(const std::vector<io::Axis>& axes) {
  std::vector<DomainAxis> domain;
  for (const auto& axis : axes) domain.push_back({axis.name, axis.boundary, axis.lower(), axis.length()});
  return Coordinates(std::move(domain));
}

template <class Real>
void Coordinates::embed(std::span<const double> points, std::span<Real> inputs) const {
  const std::size_t d = dimensions();
  Real* to = inputs.data();
  for (std::size_t at = 0; at < points.size(); at += d) {
    for (std::size_t k = 0; k < d; ++k) {
      const double place = (points[at + k] - axes_[k].lower) / axes_[k].length;  // in [0, 1]
      if (axes_[k].periodic()) {
        *to++ = static_cast<Real>(std::cos(2 * std::numbers::pi * place));
        *to++ = static_cast<Real>(std::sin(2 * std::numbers::pi * place));
      } else {
        *to++ = static_cast<Real>(2 * place - 1);
      }
    }
  }
}

template void Coordinates::embed(std::span<const double>, std::span<float>) const;
template void Coordinates::embed(std::span<const double>, std::span<double>) const;

std::vector<double> grid_points(const std::vector<io::Axis>& axes) {
  std::size_t count = 1;
  for (const auto& axis : axes) count *= axis.points.size();
  std::vector<double> points(count * axes.size());
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t rest = i;
    for (std::size_t k = axes.size(); k-- > 0;) {
      points[i * axes.size() + k] = axes[k].points[rest % axes[k].points.size()];
      rest /= axes[k].points.size();
    }
  }
  return points;
}

}  // namespace hypercast::hyper
