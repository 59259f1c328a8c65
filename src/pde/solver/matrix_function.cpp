#include "pde/solver/matrix_function.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace hypercast::pde {

namespace {

using Complex = std::complex<double>;
using Matrix = Eigen::MatrixXcd;

constexpr int points = 64;  // of a contour

// On the unit circle, the upper half first.
const std::array<Complex, points>& circle() {
  static const auto table = [] {
    std::array<Complex, points> e;
    for (int j = 0; j < points; ++j) e[j] = std::polar(1.0, 2 * std::numbers::pi * (j + 0.5) / points);
    return e;
  }();
  return table;
}

// Of a circle around `centre`, `least` or a little more: it keeps away from 0, where f may have a removable
// singularity and loses digits.
double clear_radius(Complex centre, double least) {
  return std::abs(std::abs(centre) - least) < 0.25 ? least + 0.5 : least;
}

// The mean over a circle around z. Around a real z the lower half mirrors the upper one.
Complex mean_around(const EntireFunction& f, Complex z) {
  const bool real = z.imag() == 0;
  const int used = real ? points / 2 : points;
  const double radius = clear_radius(z, 1);
  Complex sum = 0;
  for (int j = 0; j < used; ++j) sum += f(z + radius * circle()[j]);
  return real ? sum.real() / used : sum / static_cast<double>(used);
}

// (1 / 2 pi i) times the integral of f(z) / prod (z - z_j) around all z_j, by the trapezoidal rule.
Complex contour_integral(const EntireFunction& f, const std::vector<Complex>& z) {
  if (z.size() == 1) return mean_around(f, z[0]);
  Complex centre = 0;
  for (const Complex& value : z) centre += value / static_cast<double>(z.size());
  double radius = 1;
  for (const Complex& value : z) radius = std::max(radius, 1 + std::abs(value - centre));
  radius = clear_radius(centre, radius);
  Complex sum = 0;
  for (int j = 0; j < points; ++j) {
    const Complex offset = radius * circle()[j];
    Complex term = f(centre + offset) * offset;
    for (const Complex& value : z) term /= centre + offset - value;
    sum += term;
  }
  return sum / static_cast<double>(points);
}

// Powers of two on the diagonal of D that make rows and columns of D^-1 A D alike in size (B. N. Parlett,
// C. Reinsch 1969): eigenvalues of badly scaled matrices keep their accuracy.
Eigen::VectorXd balance(Matrix& a) {
  Eigen::VectorXd d = Eigen::VectorXd::Ones(a.rows());
  for (bool changed = true; changed;) {
    changed = false;
    for (Eigen::Index i = 0; i < a.rows(); ++i) {
      double row = 0, column = 0;
      for (Eigen::Index j = 0; j < a.rows(); ++j) {
        if (j == i) continue;
        row += std::abs(a(i, j));
        column += std::abs(a(j, i));
      }
      if (row == 0 || column == 0) continue;
      const double factor = std::exp2(std::round(std::log2(row / column) / 2));
      if (factor == 1 || column * factor + row / factor > 0.95 * (row + column)) continue;
      a.col(i) *= factor;
      a.row(i) /= factor;
      d(i) *= factor;
      changed = true;
    }
  }
  return d;
}

std::vector<Complex> eigenvalues(const Matrix& a) {
  if (a.rows() == 2) {  // exact for the pairs +-i omega of waves
    const Complex mean = (a(0, 0) + a(1, 1)) / 2.0, half = (a(0, 0) - a(1, 1)) / 2.0;
    const Complex root = std::sqrt(half * half + a(0, 1) * a(1, 0));
    return {mean + root, mean - root};
  }
  const Eigen::VectorXcd values = Eigen::ComplexEigenSolver<Matrix>(a, false).eigenvalues();
  return {values.begin(), values.end()};
}

}  // namespace

Complex divided_difference(const EntireFunction& f, std::vector<Complex> z) {
  // The order of the arguments does not matter: the two that lie farthest apart first and last.
  double farthest = 0;
  std::size_t first = 0, last = 0;
  for (std::size_t i = 0; i < z.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (const double distance = std::abs(z[i] - z[j]); distance > farthest) {
        farthest = distance;
        first = j;
        last = i;
      }
  if (farthest <= 1) return contour_integral(f, z);
  const Complex difference = z[last] - z[first];
  auto without_first = z, without_last = std::move(z);
  without_first.erase(without_first.begin() + static_cast<std::ptrdiff_t>(first));
  without_last.erase(without_last.begin() + static_cast<std::ptrdiff_t>(last));
  return (divided_difference(f, without_first) - divided_difference(f, without_last)) / difference;
}

std::vector<Complex> matrix_function(const EntireFunction& f, std::vector<Complex> a, int n) {
  if (n == 1) return {divided_difference(f, {a[0]})};
  using RowMajor = Eigen::Matrix<Complex, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  Matrix matrix = Eigen::Map<const RowMajor>(a.data(), n, n);
  const Eigen::VectorXd scale = balance(matrix);
  const auto z = eigenvalues(matrix);
  Matrix result = Matrix::Zero(n, n), product = Matrix::Identity(n, n);
  for (int j = 0; j < n; ++j) {
    result += divided_difference(f, {z.begin(), z.begin() + j + 1}) * product;
    product = product * (matrix - z[j] * Matrix::Identity(n, n));
  }
  Eigen::Map<RowMajor>(a.data(), n, n) = scale.asDiagonal() * result * scale.cwiseInverse().asDiagonal();
  return a;
}

}  // namespace hypercast::pde
