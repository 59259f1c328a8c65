#include "pde/initial/dino.hpp"

#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "pde/twister.hpp"

namespace hypercast::pde {

namespace {

// N x N complex numbers, row-major.
struct Plane {
  explicit Plane(int n) : re(n * n), im(n * n) {}
  std::vector<double> re, im;
};

// e^{2 pi i k m / N}
Plane waves(int n) {
  Plane e(n);
  for (int k = 0; k < n; ++k)
    for (int m = 0; m < n; ++m) {
      const double angle = 2 * std::numbers::pi * (k * m % n) / n;
      e.re[k * n + m] = std::cos(angle);
      e.im[k * n + m] = std::sin(angle);
    }
  return e;
}

// c / N^2
Plane coefficients(int n, double alpha, double tau, std::uint32_t seed) {
  std::mt19937 g(seed);
  const auto xi = complex_normals(g, static_cast<std::size_t>(n) * n);
  const double factor = std::numbers::sqrt2 * std::pow(tau, alpha - 1);
  const auto wave = [n](int k) { return k < n / 2 ? k : k - n; };
  Plane c(n);
  for (int at = 1; at < n * n; ++at) {
    const double k0 = wave(at / n), k1 = wave(at % n);
    const double square = 4 * std::numbers::pi * std::numbers::pi * (k0 * k0 + k1 * k1) + tau * tau;
    const double size = factor * std::pow(square, -alpha / 2);
    c.re[at] = size * xi[at].real();
    c.im[at] = size * xi[at].imag();
  }
  return c;
}

// out[r][m] = sum over k of c[r][k] e[k][m]
Plane transform_rows(const Plane& c, const Plane& e, int n) {
  Plane out(n);
  for (int r = 0; r < n; ++r)
    for (int k = 0; k < n; ++k) {
      const double re = c.re[r * n + k], im = c.im[r * n + k];
      for (int m = 0; m < n; ++m) {
        out.re[r * n + m] += re * e.re[k * n + m] - im * e.im[k * n + m];
        out.im[r * n + m] += re * e.im[k * n + m] + im * e.re[k * n + m];
      }
    }
  return out;
}

// Real part of out[l][m] = sum over k of e[k][l] b[k][m]
std::vector<double> transform_columns(const Plane& b, const Plane& e, int n) {
  std::vector<double> out(n * n);
  for (int l = 0; l < n; ++l)
    for (int k = 0; k < n; ++k) {
      const double re = e.re[k * n + l], im = e.im[k * n + l];
      for (int m = 0; m < n; ++m) out[l * n + m] += re * b.re[k * n + m] - im * b.im[k * n + m];
    }
  return out;
}

}  // namespace

std::vector<double> dino_random_field(int n, double alpha, double tau, std::uint32_t seed) {
  check(n > 0 && n % 4 == 0, "a random field on a grid that is no multiple of 4");
  const Plane e = waves(n);
  return transform_columns(transform_rows(coefficients(n, alpha, tau, seed), e, n), e, n);
}

DinoBump draw_dino_bump(int n, std::uint32_t seed) {
  std::mt19937 g(seed);
  DinoBump bump{};
  bump.radius = 0.05 * uniform53(g) + 0.25;
  bump.height = 2 + 2 * uniform53(g);
  for (int& shift : bump.shift) shift = static_cast<int>(masked(g, n));
  return bump;
}

std::vector<double> dino_gaussian(int n, const DinoBump& bump) {
  std::vector<double> u(n * n);
  const auto place = [n](int i) { return -1 + i * (2.0 / (n - 1)); };
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) {
      const double square = place(i) * place(i) + place(j) * place(j);
      const int row = (i + bump.shift[0]) % n, column = (j + bump.shift[1]) % n;
      u[row * n + column] = bump.height * std::exp(-square / (2 * bump.radius * bump.radius));
    }
  return u;
}

}  // namespace hypercast::pde
