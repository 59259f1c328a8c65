// Functions of small matrices, against closed forms.

#include "pde/solver/matrix_function.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace hypercast::pde {
namespace {

using Complex = std::complex<double>;
using namespace std::complex_literals;

// (e^z - 1) / z and the last weight of etdrk4, written as they stand: 0/0 at 0.
Complex phi1(Complex z) { return (std::exp(z) - 1.0) / z; }
Complex last_weight(Complex z) { return (-4.0 - 3.0 * z - z * z + std::exp(z) * (4.0 - z)) / (z * z * z); }

TEST(MatrixFunction, RemovableSingularitiesAreRemoved) {
  EXPECT_NEAR(std::abs(matrix_function(phi1, {0.0}, 1)[0] - 1.0), 0, 1e-15);
  for (double z : {1e-12, 1e-6, -1e-3, 0.1, -0.99, -1.0, -1.01, -3.0})  // -1: the contour passes near 0
    EXPECT_NEAR(std::abs(matrix_function(phi1, {z}, 1)[0] - std::expm1(z) / z), 0, 1e-14) << z;
  // Its series is sum over n of z^n (4/(n+3)! - 1/(n+2)!) after the polynomial part, 1/6 at 0.
  EXPECT_NEAR(matrix_function(last_weight, {0.0}, 1)[0].real(), 1.0 / 6, 1e-14);
  EXPECT_NEAR(std::abs(matrix_function(last_weight, {-1e4}, 1)[0] - last_weight(-1e4)), 0, 1e-15);
}

// Arguments from which 0 lies just where a point of a unit circle around them would be.
TEST(MatrixFunction, ContoursKeepAwayFromSingularities) {
  for (double beside : {0.0, 1e-6, 1e-4, 1e-2}) {
    const Complex z = -(1 + beside) * std::polar(1.0, 2 * std::numbers::pi * 10.5 / 64);
    Complex series = 0, power = 1;
    for (int n = 0; n < 30; ++n, power *= z)
      series += power * (4 / std::tgamma(n + 4.0) - 1 / std::tgamma(n + 3.0));
    EXPECT_NEAR(std::abs(matrix_function(last_weight, {z}, 1)[0] - series), 0, 1e-14) << beside;
    const auto pair = matrix_function(last_weight, {z, 1.0, 0.0, z}, 2);  // a Jordan block
    EXPECT_NEAR(std::abs(pair[0] - series), 0, 1e-13) << beside;
  }
}

TEST(MatrixFunction, ExponentialOfTheWaveIsARotation) {
  for (double h : {1e-3, 0.1, 2.0})
    for (double k : {0.0, 1.0, 30.0, 500.0}) {  // k = 0: a Jordan block
      const auto e = matrix_function([](Complex z) { return std::exp(z); }, {0, h, -h * k * k, 0}, 2);
      const double c = std::cos(h * k), s = k == 0 ? h : std::sin(h * k) / k;
      const double expected[] = {c, s, -k * k * s, c};
      for (int i = 0; i < 4; ++i)
        EXPECT_NEAR(std::abs(e[i] - expected[i]), 0, 1e-13 * (1 + std::abs(expected[i]) + k * (i == 2)))
            << h << " " << k << " entry " << i;
    }
}

TEST(MatrixFunction, AgreesWithTheSeriesForThreeChannels) {
  const std::vector<Complex> a{0.3, 1.0 + 0.5i, -0.2, 0.7, -0.4i, 0.1, 0.0, -0.9, 0.25};
  std::vector<Complex> sum(9), term(9);
  for (int i : {0, 4, 8}) sum[i] = term[i] = 1;
  for (int n = 1; n < 30; ++n) {  // phi1 = sum a^n / (n+1)!
    std::vector<Complex> next(9);
    for (int i = 0; i < 3; ++i)
      for (int j = 0; j < 3; ++j)
        for (int k = 0; k < 3; ++k) next[3 * i + j] += term[3 * i + k] * a[3 * k + j] / double(n + 1);
    term = next;
    for (int i = 0; i < 9; ++i) sum[i] += term[i];
  }
  const auto value = matrix_function(phi1, a, 3);
  for (int i = 0; i < 9; ++i) EXPECT_NEAR(std::abs(value[i] - sum[i]), 0, 1e-13) << i;
}

// Eigenvalues 0 and +-40i, far apart, as gravity waves have them.
TEST(MatrixFunction, FarEigenvaluesDoNotSpoilEachOther) {
  const double w = 40;
  const auto e =
      matrix_function([](Complex z) { return std::exp(z); }, {0, -1i * w, 0, -1i * w, 0, 0, 0, 0, 0}, 3);
  EXPECT_NEAR(std::abs(e[0] - std::cos(w)), 0, 1e-13);
  EXPECT_NEAR(std::abs(e[1] + 1i * std::sin(w)), 0, 1e-13);
  EXPECT_NEAR(std::abs(e[8] - 1.0), 0, 1e-13);
}

}  // namespace
}  // namespace hypercast::pde
