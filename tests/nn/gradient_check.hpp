#pragma once
// Gradients against central differences along random directions, in double precision.

#include <algorithm>
#include <cmath>
#include <functional>
#include <span>
#include <vector>

#include "core/random.hpp"

// |directional derivative - gradient . direction| relative to its size, worst over a few directions;
// infinite when one of them is not a number.
inline double gradient_error(const std::function<double(std::span<const double>)>& loss,
                             std::span<const double> at, std::span<const double> gradient,
                             int directions = 4) {
  double worst = 0;
  for (int d = 0; d < directions; ++d) {
    const hypercast::Random random(11, hypercast::Random::Purpose::test, static_cast<std::uint32_t>(d));
    std::vector<double> direction(at.size()), moved(at.begin(), at.end());
    double along = 0, size = 0;
    for (std::size_t i = 0; i < at.size(); ++i) {
      direction[i] = random.normal(i);
      along += gradient[i] * direction[i];
      size += std::abs(gradient[i] * direction[i]);
    }
    const auto shifted = [&](double h) {
      for (std::size_t i = 0; i < at.size(); ++i) moved[i] = at[i] + h * direction[i];
      return loss(moved);
    };
    // Fourth-order central difference.
    const double h = 3e-4;
    const double difference =
        (8 * (shifted(h) - shifted(-h)) - (shifted(2 * h) - shifted(-2 * h))) / (12 * h);
    const double error = std::abs(difference - along) / (size + 1e-300);
    if (!std::isfinite(error)) return INFINITY;
    worst = std::max(worst, error);
  }
  return worst;
}
