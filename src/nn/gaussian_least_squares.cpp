#include "nn/gaussian_least_squares.hpp"

#include <Eigen/Dense>
#include <algorithm>

#include "core/error.hpp"

namespace hypercast::nn {

namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;
using Eigen::Index;
using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr double least_ridge = 1e-15, most_ridge = 1e-6;

Index length(std::size_t n) { return static_cast<Index>(n); }

struct Cholesky {
  Eigen::LLT<Matrix> factor;
  double ridge = 0;
};

// Of a symmetric, positive semi-definite matrix, with the least ridge of a ladder that makes it definite.
Cholesky factorise(Matrix a) {
  const double mean = a.rows() > 0 ? a.trace() / static_cast<double>(a.rows()) : 1;
  check(std::isfinite(mean) && mean >= 0, "a covariance or a matrix of least squares is not finite");
  Cholesky result{Eigen::LLT<Matrix>(a)};
  while (result.factor.info() != Eigen::Success) {
    const double ridge = std::max(least_ridge, 10 * result.ridge);
    check(ridge <= most_ridge, "a covariance or a matrix of least squares is indefinite");
    a.diagonal().array() += (ridge - result.ridge) * (mean > 0 ? mean : 1);
    result = {Eigen::LLT<Matrix>(a), ridge};
  }
  return result;
}

}  // namespace

// With S = L L^T and z = m + L w, w ~ N(0, I): B = A L and
//   primal (d <= rows)  w = (s2 I + B^T B)^{-1} B^T (u - A m)
//   dual                w = B^T (s2 I + B B^T)^{-1} (u - A m)
struct GaussianLeastSquares::Factors {
  Vector mean;       // m
  Vector predicted;  // A m
  Matrix root;       // L, or one column: its diagonal
  Matrix b;          // A L
  double noise_variance = 0;
  bool primal = true;
  Cholesky system;
  double ridge = 0;

  Matrix unwhiten(const Matrix& w) const {
    if (root.cols() == 1) return root.col(0).asDiagonal() * w;
    return root.triangularView<Eigen::Lower>() * w;
  }
};

GaussianPrior gaussian_of(std::span<const double> samples, std::size_t d) {
  check(d > 0 && !samples.empty() && samples.size() % d == 0, "samples of another size");
  const Eigen::Map<const Matrix> x(samples.data(), length(d), length(samples.size() / d));
  const Vector mean = x.rowwise().mean();
  const Matrix centred = x.colwise() - mean;
  const Matrix covariance = centred * centred.transpose() / static_cast<double>(x.cols());
  return {{mean.begin(), mean.end()}, {covariance.data(), covariance.data() + covariance.size()}};
}

GaussianLeastSquares::GaussianLeastSquares(std::span<const double> a, const GaussianPrior& prior,
                                           double noise_variance)
    : factors_(std::make_unique<Factors>()) {
  const Index d = length(prior.size());
  check(d > 0 && length(a.size()) % d == 0 && noise_variance >= 0, "least squares of another size");
  check(prior.diagonal() || length(prior.covariance.size()) == d * d, "a covariance of another size");
  auto& f = *factors_;
  const Matrix design = Eigen::Map<const RowMajor>(a.data(), length(a.size()) / d, d);
  f.mean = Eigen::Map<const Vector>(prior.mean.data(), d);
  f.predicted = design * f.mean;
  f.noise_variance = noise_variance;
  if (prior.diagonal()) {
    const Eigen::Map<const Vector> variances(prior.covariance.data(), d);
    check((variances.array() >= 0).all(), "a variance is negative");
    f.root = variances.cwiseSqrt();
    f.b = design * f.root.col(0).asDiagonal();
  } else {
    const Cholesky covariance = factorise(Eigen::Map<const Matrix>(prior.covariance.data(), d, d));
    f.ridge = covariance.ridge;
    f.root = covariance.factor.matrixL();
    f.b = design * f.root;
  }
  f.primal = d <= design.rows();
  Matrix system = f.primal ? Matrix(f.b.transpose() * f.b) : Matrix(f.b * f.b.transpose());
  system.diagonal().array() += noise_variance;
  f.system = factorise(std::move(system));
  f.ridge = std::max(f.ridge, f.system.ridge);
}

GaussianLeastSquares::~GaussianLeastSquares() = default;
GaussianLeastSquares::GaussianLeastSquares(GaussianLeastSquares&&) noexcept = default;

std::size_t GaussianLeastSquares::rows() const { return static_cast<std::size_t>(factors_->b.rows()); }
std::size_t GaussianLeastSquares::size() const { return static_cast<std::size_t>(factors_->mean.size()); }
double GaussianLeastSquares::ridge() const { return factors_->ridge; }

void GaussianLeastSquares::solve(std::span<const double> u, std::span<double> z) const {
  const auto& f = *factors_;
  const Index count = length(z.size()) / f.mean.size();
  check(length(z.size()) == count * f.mean.size() && length(u.size()) == count * f.b.rows(),
        "measurements and coefficients do not match");
  const Matrix e = Eigen::Map<const Matrix>(u.data(), f.b.rows(), count).colwise() - f.predicted;
  const Matrix w = f.primal ? Matrix(f.system.factor.solve(f.b.transpose() * e))
                            : Matrix(f.b.transpose() * f.system.factor.solve(e));
  Eigen::Map<Matrix>(z.data(), f.mean.size(), count) = f.unwhiten(w).colwise() + f.mean;
}

Buffer<double> GaussianLeastSquares::variance() const {
  const auto& f = *factors_;
  const Index d = f.mean.size();
  // Covariance of w: s2 (s2 I + B^T B)^{-1} = I - B^T (s2 I + B B^T)^{-1} B.
  Matrix covariance = Matrix::Identity(d, d);
  if (f.primal) {
    covariance = f.noise_variance * f.system.factor.solve(covariance);
  } else {
    covariance -= f.b.transpose() * f.system.factor.solve(f.b);
  }
  const Matrix half = f.unwhiten(covariance);
  Vector variances = f.root.cols() == 1 ? Vector(half.diagonal().cwiseProduct(f.root.col(0)))
                                        : Vector(half.cwiseProduct(f.root).rowwise().sum());
  variances = variances.cwiseMax(0);
  return {variances.begin(), variances.end()};
}

void least_squares(std::span<const double> a, std::size_t rows, std::span<const double> u,
                   std::span<double> z) {
  check(rows > 0 && a.size() % rows == 0 && a.size() / rows <= rows, "least squares with too few rows");
  const Index d = length(a.size() / rows), count = length(u.size() / rows);
  check(length(u.size()) == count * length(rows) && length(z.size()) == count * d,
        "measurements and coefficients do not match");
  Eigen::ColPivHouseholderQR<Matrix> qr(length(rows), d);
  qr.setThreshold(1e-12);
  qr.compute(Eigen::Map<const RowMajor>(a.data(), length(rows), d));
  Eigen::Map<Matrix>(z.data(), d, count) = qr.solve(Eigen::Map<const Matrix>(u.data(), length(rows), count));
}

}  // namespace hypercast::nn
