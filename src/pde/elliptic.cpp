#include "pde/elliptic.hpp"

#include <cmath>
#include <numbers>
#include <vector>

namespace hypercast::pde {

namespace {

// Converges quadratically, after as many steps as it takes to bring a small m1 near 1.
constexpr double close = 1e-16;

}  // namespace

double quarter_period(double m1) {
  double a = 1, b = std::sqrt(m1);
  while (a - b > 1e-9 * a) {
    const double mean = (a + b) / 2;
    b = std::sqrt(a * b);
    a = mean;
  }
  return std::numbers::pi / (a + b);
}

double jacobi_sn(double u, double m1) {
  const double period = 4 * quarter_period(m1);
  u -= period * std::round(u / period);
  std::vector<double> ratios;  // c_n / a_n
  double a = 1, b = std::sqrt(m1), c = std::sqrt(1 - m1), power = 1;
  while (c > close * a) {
    c = (a - b) / 2;
    const double mean = (a + b) / 2;
    b = std::sqrt(a * b);
    a = mean;
    power *= 2;
    ratios.push_back(c / a);
  }
  double phi = power * a * u;
  while (!ratios.empty()) {
    phi = (phi + std::asin(ratios.back() * std::sin(phi))) / 2;
    ratios.pop_back();
  }
  return std::sin(phi);
}

}  // namespace hypercast::pde
