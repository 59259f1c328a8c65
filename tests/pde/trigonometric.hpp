#pragma once
// Sums of waves, whose derivatives are known without any discretisation.

#include <array>
#include <cmath>
#include <numbers>
#include <span>
#include <vector>

#include "pde/initial.hpp"

namespace hypercast::pde {

struct Waves {
  std::vector<Mode> modes;

  // d^orders at x
  double operator()(std::span<const double> x, std::array<int, 3> orders = {}) const {
    double sum = 0;
    for (const auto& mode : modes) {
      double factor = mode.amplitude, angle = mode.phase;
      for (std::size_t a = 0; a < x.size(); ++a) {
        angle += mode.k[a] * x[a] + orders[a] * std::numbers::pi / 2;
        factor *= std::pow(mode.k[a], orders[a]);
      }
      sum += factor * std::sin(angle);
    }
    return sum;
  }
  double laplacian(std::span<const double> x) const {
    double sum = 0;
    for (std::size_t a = 0; a < x.size(); ++a) {
      std::array<int, 3> orders{};
      orders[a] = 2;
      sum += (*this)(x, orders);
    }
    return sum;
  }
  // p with Lap p = this
  Waves inverse_laplacian() const {
    Waves p = *this;
    for (auto& mode : p.modes) {
      const double square = mode.k[0] * mode.k[0] + mode.k[1] * mode.k[1] + mode.k[2] * mode.k[2];
      mode.amplitude /= -square;
    }
    return p;
  }
};

inline State state_of(std::vector<Waves> channels) {
  return [channels](std::span<const double> x, std::span<double> u) {
    for (std::size_t c = 0; c < u.size(); ++c) u[c] = channels[c](x);
  };
}

}  // namespace hypercast::pde
