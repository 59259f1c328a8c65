#include "nn/empirical_bayes.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.hpp"

namespace hypercast::nn {

namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;
using Eigen::Index;
using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr double least_noise = 1e-10;  // of the mean square of the measurements: less drowns in rounding

// What an expectation step yields.
struct Expectation {
  Vector squares;       // E w_j^2, mean over the measurements
  double residual = 0;  // E |u - A w|^2, mean over the measurements
  double evidence = 0;  // log p(u), mean over the measurements
};

double log_determinant(const Eigen::LLT<Matrix>& factor) {
  return 2 * factor.matrixLLT().diagonal().array().log().sum();
}

Eigen::LLT<Matrix> factorise(const Matrix& a) {
  Eigen::LLT<Matrix> factor(a);
  check(factor.info() == Eigen::Success, "the covariance of measurements is indefinite");
  return factor;
}

// rows >= d. With R = diag(v)^{1/2}, H = A^T A, Z = A^T E[u u^T] A:
//   W = R (s2 I + R H R)^{-1} R,  mean of w = W A^T u,  its covariance s2 W.
struct Primal {
  Matrix h, z;
  double rows, power;  // E |u|^2

  Primal(const Matrix& a, const Matrix& u)
      : h(a.transpose() * a),
        rows(static_cast<double>(a.rows())),
        power(u.squaredNorm() / static_cast<double>(u.cols())) {
    const Matrix projected = a.transpose() * u;
    z = projected * projected.transpose() / static_cast<double>(u.cols());
  }
  Expectation operator()(const Vector& v, double s2) const {
    const Index d = v.size();
    const Vector root = v.cwiseSqrt();
    Matrix system = root.asDiagonal() * h * root.asDiagonal();
    system.diagonal().array() += s2;
    const auto factor = factorise(system);
    const Matrix w = root.asDiagonal() * factor.solve(Matrix::Identity(d, d)) * root.asDiagonal();
    const Matrix wz = w * z, wh = w * h;
    Expectation e;
    e.squares = wz.cwiseProduct(w).rowwise().sum() + s2 * w.diagonal();
    // |u - A w|^2 of the mean, and what its uncertainty adds.
    const double fitted = wz.trace();
    e.residual = power - 2 * fitted + wh.cwiseProduct(wz.transpose()).sum() + s2 * wh.trace();
    const double determinant = log_determinant(factor) + (rows - static_cast<double>(d)) * std::log(s2);
    e.evidence = -0.5 * (rows * std::log(2 * std::numbers::pi) + determinant + (power - fitted) / s2);
    return e;
  }
};

// rows < d. With K = s2 I + A diag(v) A^T and T = E[u u^T]: mean of w = diag(v) A^T K^{-1} u.
struct Dual {
  Matrix a, t;

  Dual(const Matrix& design, const Matrix& u)
      : a(design), t(u * u.transpose() / static_cast<double>(u.cols())) {}
  Expectation operator()(const Vector& v, double s2) const {
    const Index n = a.rows();
    Matrix k = a * v.asDiagonal() * a.transpose();
    k.diagonal().array() += s2;
    const auto factor = factorise(k);
    const Matrix inverse = factor.solve(Matrix::Identity(n, n));
    const Matrix kt = inverse * t, ktk = kt * inverse;
    const Matrix ka = inverse * a;
    const Vector gain = a.cwiseProduct(ka).colwise().sum();        // diag A^T K^-1 A
    const Vector power = a.cwiseProduct(ktk * a).colwise().sum();  // diag A^T K^-1 T K^-1 A
    Expectation e;
    e.squares = v + v.cwiseProduct(v).cwiseProduct(power - gain);
    // u - A mean = s2 K^{-1} u, and A cov A^T = s2 (I - s2 K^{-1}).
    e.residual = s2 * s2 * ktk.trace() + s2 * (static_cast<double>(n) - s2 * inverse.trace());
    e.evidence = -0.5 * (static_cast<double>(n) * std::log(2 * std::numbers::pi) + log_determinant(factor) +
                         kt.trace());
    return e;
  }
};

void share(Vector& v, const std::vector<int>& groups) {
  if (groups.empty()) return;
  check(static_cast<Index>(groups.size()) == v.size(), "groups of another number of columns");
  const int count = 1 + *std::max_element(groups.begin(), groups.end());
  check(*std::min_element(groups.begin(), groups.end()) >= 0, "a group below 0");
  Vector sum = Vector::Zero(count), members = Vector::Zero(count);
  for (Index j = 0; j < v.size(); ++j) {
    sum(groups[j]) += v(j);
    members(groups[j]) += 1;
  }
  for (Index j = 0; j < v.size(); ++j) v(j) = sum(groups[j]) / members(groups[j]);
}

template <class Statistics>
EmpiricalBayes maximise(const Statistics& expectation, const Matrix& a, double power,
                        const EmpiricalBayesOptions& options) {
  const auto rows = static_cast<double>(a.rows());
  EmpiricalBayes result;
  const double shape = a.squaredNorm() / rows;  // variance of a row of A w for v = 1
  Vector v = Vector::Constant(a.cols(), shape > 0 ? power / shape : 0);
  double s2 = std::max(0.1 * power, least_noise);
  double before = -INFINITY;
  for (result.iterations = 0; result.iterations < options.max_iterations; ++result.iterations) {
    const Expectation e = expectation(v, s2);
    result.log_evidence = e.evidence / rows;
    if (result.log_evidence - before < options.tolerance) break;
    before = result.log_evidence;
    v = e.squares.cwiseMax(0);
    share(v, options.groups);
    s2 = std::max(e.residual / rows, least_noise * power);
  }
  result.variances.assign(v.begin(), v.end());
  result.noise_variance = s2;
  return result;
}

}  // namespace

EmpiricalBayes empirical_bayes(std::span<const double> a, std::size_t rows, std::span<const double> u,
                               const EmpiricalBayesOptions& options) {
  check(rows > 0 && a.size() % rows == 0 && u.size() % rows == 0 && !a.empty() && !u.empty(),
        "empirical Bayes of another size");
  const auto n = static_cast<Index>(rows);
  const Matrix design = Eigen::Map<const RowMajor>(a.data(), n, static_cast<Index>(a.size()) / n);
  const Matrix measured = Eigen::Map<const Matrix>(u.data(), n, static_cast<Index>(u.size()) / n);
  const double power = measured.squaredNorm() / static_cast<double>(measured.size());
  check(std::isfinite(power), "measurements are not finite");
  if (power == 0) return {Buffer<double>(design.cols()), 0, 0, 0};
  return design.cols() <= n ? maximise(Primal(design, measured), design, power, options)
                            : maximise(Dual(design, measured), design, power, options);
}

}  // namespace hypercast::nn
