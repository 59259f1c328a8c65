#include "hyper/code_fit.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

namespace hypercast::hyper {

namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using View = Eigen::Map<const RowMajor>;
using Vector = Eigen::Map<const Eigen::VectorXd>;

double norm(std::span<const double> v) { return Vector(v.data(), v.size()).norm(); }

// The inverse of a covariance; directions that it excludes get a precision of 1e12 over its mean variance.
Buffer<double> inverse(const nn::GaussianPrior& prior) {
  const auto d = static_cast<Eigen::Index>(prior.size());
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(View(prior.covariance.data(), d, d));
  const double least = 1e-12 * std::max(eigen.eigenvalues().mean(), 1e-300);
  const Eigen::VectorXd values = eigen.eigenvalues().cwiseMax(least).cwiseInverse();
  Buffer<double> result(prior.covariance.size());
  Eigen::Map<RowMajor>(result.data(), d, d) =
      eigen.eigenvectors() * values.asDiagonal() * eigen.eigenvectors().transpose();
  return result;
}

}  // namespace

CodeFit::CodeFit(const Model<double>& model, std::span<const double> phi, std::span<const double> x,
                 const CodeFitOptions& options)
    : field_(model, phi, x), options_(options), noise_(model.facts.codes.noise) {
  const auto& codes = model.facts.codes;
  if (codes.size() != field_.size())
    throw UserError(Exit::refused, "the model has no codes yet: its training has not come so far");
  prior_.mean.assign(codes.mean.begin(), codes.mean.end());
  prior_.covariance.assign(codes.covariance.begin(), codes.covariance.end());
  values_.resize(rows());
  jacobian_.resize(rows() * size());
  right_.resize(rows());
  if (field_.is_linear()) {
    field_.jacobian(prior_.mean, Buffer<double>(model.facts.parameters.size()), jacobian_);
    linear_ = std::make_unique<nn::GaussianLeastSquares>(jacobian_, prior_, noise_);
  } else {
    precision_ = inverse(prior_);
  }
}

double CodeFit::objective(std::span<const double> u, std::span<const double> mu, std::span<const double> z,
                          double& residual) {
  field_.values(z, mu, values_);
  double squares = 0;
  for (std::size_t i = 0; i < u.size(); ++i) squares += (u[i] - values_[i]) * (u[i] - values_[i]);
  residual = squares / static_cast<double>(u.size());
  if (precision_.empty()) return residual;
  const auto d = static_cast<Eigen::Index>(size());
  const Eigen::VectorXd away = Vector(z.data(), d) - Vector(prior_.mean.data(), d);
  return squares / std::max(noise_, 1e-300) + away.dot(View(precision_.data(), d, d) * away);
}

double CodeFit::fit(std::span<const double> u, std::span<const double> mu, std::span<double> z,
                    std::span<const double> start) {
  double residual = 0;
  if (linear_) {
    const Buffer<double> zero(size(), 0.0);
    field_.values(zero, mu, values_);
    for (std::size_t i = 0; i < u.size(); ++i) right_[i] = u[i] - values_[i];
    linear_->solve(right_, z);
    objective(u, mu, z, residual);
    return residual;
  }
  if (start.empty()) start = prior_.mean;
  std::copy(start.begin(), start.end(), z.begin());
  Buffer<double> goal(size()), trial(size());
  double best = objective(u, mu, z, residual);
  for (int k = 0; k < options_.max_iterations; ++k) {
    // u - g(z) + J z = J z': the linearised problem has the form of the linear one.
    field_.values(z, mu, values_);
    field_.jacobian(z, mu, jacobian_);
    Eigen::Map<Eigen::VectorXd> right(right_.data(), right_.size());
    right.noalias() = View(jacobian_.data(), rows(), size()) * Vector(z.data(), z.size());
    for (std::size_t i = 0; i < u.size(); ++i) right_[i] += u[i] - values_[i];
    nn::GaussianLeastSquares(jacobian_, prior_, noise_).solve(right_, goal);
    double length = 1, moved = 0, at = best;
    for (; length > 1e-4; length /= 2) {
      for (std::size_t i = 0; i < trial.size(); ++i) trial[i] = z[i] + length * (goal[i] - z[i]);
      double there = 0;
      at = objective(u, mu, trial, there);
      if (!(at < best)) continue;
      for (std::size_t i = 0; i < trial.size(); ++i) moved = std::max(moved, std::abs(trial[i] - z[i]));
      std::copy(trial.begin(), trial.end(), z.begin());
      residual = there;
      break;
    }
    if (!(at < best)) break;
    best = at;
    if (moved < options_.tolerance * (norm(z) + 1e-300)) break;
  }
  return residual;
}

}  // namespace hypercast::hyper
