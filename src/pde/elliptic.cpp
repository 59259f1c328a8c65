#include "pde/elliptic.hpp"

#include <array>
#include <cmath>
#include <numbers>

namespace hypercast::pde {

namespace {

struct Mean {
  std::array<double, 16> a{}, c{};  // converges quadratically: 16 are more than enough for every m < 1
  int last = 0;
};

Mean arithmetic_geometric_mean(double m) {
  Mean mean;
  mean.a[0] = 1;
  mean.c[0] = std::sqrt(m);
  double b = std::sqrt(1 - m);
  for (int& n = mean.last; n + 1 < 16 && std::abs(mean.c[n]) > 1e-17 * mean.a[n]; ++n) {
    mean.a[n + 1] = (mean.a[n] + b) / 2;
    mean.c[n + 1] = (mean.a[n] - b) / 2;
    b = std::sqrt(mean.a[n] * b);
  }
  return mean;
}

}  // namespace

double complete_elliptic_k(double m) {
  const Mean mean = arithmetic_geometric_mean(m);
  return std::numbers::pi / (2 * mean.a[mean.last]);
}

JacobiFunctions jacobi(double u, double m) {
  const Mean mean = arithmetic_geometric_mean(m);
  double phi = std::ldexp(mean.a[mean.last] * u, mean.last);
  for (int n = mean.last; n > 0; --n) phi = (phi + std::asin(mean.c[n] / mean.a[n] * std::sin(phi))) / 2;
  const double sn = std::sin(phi);
  return {sn, std::cos(phi), std::sqrt(1 - m * sn * sn)};
}

}  // namespace hypercast::pde
