#include "nn/empirical_bayes.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numbers>
#include <variant>

#include "core/error.hpp"

namespace hypercast::nn {

namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;
using Eigen::Index;
using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr double least_noise = 1e-10;  // of the mean square of the measurements: less drowns in rounding

// What an expectation step yields, summed over measurements.
struct Expectation {
  Vector squares;       // E w_j^2
  double residual = 0;  // E |u - A w|^2
  double evidence = 0;  // log p(u)
};

double log_determinant(const Eigen::LLT<Matrix>& factor) {
  return 2 * factor.matrixLLT().diagonal().array().log().sum();
}

Eigen::LLT<Matrix> factorise(const Matrix& a) {
  Eigen::LLT<Matrix> factor(a);
  check(factor.info() == Eigen::Success, "the covariance of measurements is indefinite");
  return factor;
}

// As few columns as possible with the same products u u^T, summed.
Matrix condensed(const Matrix& u) {
  if (u.cols() <= u.rows()) return u;
  const Matrix products = u * u.transpose();
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(products);
  return eigen.eigenvectors() * eigen.eigenvalues().cwiseMax(0).cwiseSqrt().asDiagonal();
}

// Measurements through one A.
struct Group {
  double rows, count, power;  // power: sum of |u|^2
  Group(const Matrix& a, const Matrix& u)
      : rows(static_cast<double>(a.rows())), count(static_cast<double>(u.cols())), power(u.squaredNorm()) {}
};

// rows >= d. With R = diag(v)^{1/2} and H = A^T A: mean of w = R (s2 I + R H R)^{-1} R A^T u.
struct Primal : Group {
  Matrix h, p;  // A^T A, A^T u

  Primal(const Matrix& a, const Matrix& u) : Group(a, u), h(a.transpose() * a) {
    p = condensed(a.transpose() * u);
  }
  Expectation operator()(const Vector& v, double s2) const {
    const Index d = v.size();
    const Vector root = v.cwiseSqrt();
    Matrix system = root.asDiagonal() * h * root.asDiagonal();
    system.diagonal().array() += s2;
    const auto factor = factorise(system);
    const Vector inverse =
        factor.matrixL().solve(Matrix::Identity(d, d)).colwise().squaredNorm();  // its diagonal
    const Matrix means = root.asDiagonal() * factor.solve(root.asDiagonal() * p);
    const double fitted = means.cwiseProduct(p).sum();
    Expectation e;
    e.squares = means.rowwise().squaredNorm() + count * s2 * v.cwiseProduct(inverse);
    // |u - A w|^2 of the mean, and what its uncertainty adds.
    e.residual = power - 2 * fitted + means.cwiseProduct(h * means).sum() +
                 count * s2 * (static_cast<double>(d) - s2 * inverse.sum());
    const double determinant = log_determinant(factor) + (rows - static_cast<double>(d)) * std::log(s2);
    e.evidence =
        -0.5 * (count * (rows * std::log(2 * std::numbers::pi) + determinant) + (power - fitted) / s2);
    return e;
  }
};

// rows < d. With K = s2 I + A diag(v) A^T: mean of w = diag(v) A^T K^{-1} u.
struct Dual : Group {
  Matrix a, u;

  Dual(const Matrix& design, const Matrix& measured)
      : Group(design, measured), a(design), u(condensed(measured)) {}
  Expectation operator()(const Vector& v, double s2) const {
    const Matrix scaled = a * v.cwiseSqrt().asDiagonal();
    Matrix k = Matrix::Zero(a.rows(), a.rows());
    k.selfadjointView<Eigen::Lower>().rankUpdate(scaled);
    k.diagonal().array() += s2;
    const auto factor = factorise(k);
    const Vector gain = factor.matrixL().solve(a).colwise().squaredNorm();  // diag A^T K^-1 A
    const Matrix ku = factor.solve(u);
    const Vector means = (a.transpose() * ku).rowwise().squaredNorm();  // over v^2
    Expectation e;
    e.squares = count * v + v.cwiseProduct(v).cwiseProduct(means - count * gain);
    // u - A mean = s2 K^{-1} u, and the trace of A cov A^T is s2 (n - s2 tr K^{-1}) = s2 v . gain.
    e.residual = s2 * s2 * ku.squaredNorm() + count * s2 * v.dot(gain);
    e.evidence = -0.5 * (count * (rows * std::log(2 * std::numbers::pi) + log_determinant(factor)) +
                         ku.cwiseProduct(u).sum());
    return e;
  }
};

using AnyGroup = std::variant<Primal, Dual>;

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

EmpiricalBayes maximise(const std::vector<AnyGroup>& all, const Vector& start, double noise, double least,
                        const EmpiricalBayesOptions& options) {
  double count = 0, numbers = 0;
  for (const auto& any : all)
    std::visit([&](const Group& group) { count += group.count, numbers += group.count * group.rows; }, any);
  EmpiricalBayes result;
  Vector v = start;
  double s2 = noise, before = -INFINITY;
  for (result.iterations = 0; result.iterations < options.max_iterations; ++result.iterations) {
    Expectation sum{Vector::Zero(v.size())};
    for (const auto& any : all) {
      const Expectation e = std::visit([&](const auto& group) { return group(v, s2); }, any);
      sum.squares += e.squares;
      sum.residual += e.residual;
      sum.evidence += e.evidence;
    }
    result.log_evidence = sum.evidence / numbers;
    if (result.log_evidence - before < options.tolerance) break;
    before = result.log_evidence;
    v = (sum.squares / count).cwiseMax(0);
    share(v, options.groups);
    s2 = std::max(sum.residual / numbers, least);
  }
  result.variances.assign(v.begin(), v.end());
  result.noise_variance = s2;
  return result;
}

}  // namespace

EmpiricalBayes empirical_bayes(std::span<const MeasuredGroup> groups, const EmpiricalBayesOptions& options) {
  check(!groups.empty(), "empirical Bayes of nothing");
  std::vector<AnyGroup> all;
  double squares = 0, numbers = 0, shape = 0;  // shape: of the mean square for v = 1
  Index columns = 0;
  for (const auto& [a, rows, u] : groups) {
    check(rows > 0 && a.size() % rows == 0 && u.size() % rows == 0 && !a.empty() && !u.empty(),
          "empirical Bayes of another size");
    const auto n = static_cast<Index>(rows), d = static_cast<Index>(a.size()) / n;
    check(columns == 0 || d == columns, "groups of another number of columns");
    columns = d;
    const Matrix design = Eigen::Map<const RowMajor>(a.data(), n, d);
    const Matrix measured = Eigen::Map<const Matrix>(u.data(), n, static_cast<Index>(u.size()) / n);
    squares += measured.squaredNorm();
    numbers += static_cast<double>(measured.size());
    shape += design.squaredNorm() * static_cast<double>(measured.cols());
    if (d <= n)
      all.emplace_back(std::in_place_type<Primal>, design, measured);
    else
      all.emplace_back(std::in_place_type<Dual>, design, measured);
  }
  check(std::isfinite(squares), "measurements are not finite");
  if (squares == 0) return {Buffer<double>(columns), 0, 0, 0};
  const double power = squares / numbers, least = least_noise * power;
  return maximise(all, Vector::Constant(columns, shape > 0 ? squares / shape : 0),
                  std::max(0.1 * power, least), least, options);
}

EmpiricalBayes empirical_bayes(std::span<const double> a, std::size_t rows, std::span<const double> u,
                               const EmpiricalBayesOptions& options) {
  const MeasuredGroup one{a, rows, u};
  return empirical_bayes(std::span(&one, 1), options);
}

}  // namespace hypercast::nn
