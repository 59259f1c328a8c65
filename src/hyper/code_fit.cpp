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
    : field_(model, phi, x),
      options_(options),
      noise_(model.facts.codes.noise + options.noise * options.noise) {
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

double CodeFit::objective(std::span<const double> u, std::span<const double> mu, std::span<const double> z) {
  field_.values(z, mu, values_);
  const auto d = static_cast<Eigen::Index>(size());
  const Eigen::VectorXd away = Vector(z.data(), d) - Vector(prior_.mean.data(), d);
  return (Vector(u.data(), u.size()) - Vector(values_.data(), u.size())).squaredNorm() /
             std::max(noise_, 1e-300) +
         away.dot(View(precision_.data(), d, d) * away);
}

double CodeFit::fit(std::span<const double> u, std::span<const double> mu, std::span<double> z,
                    std::span<const double> start) {
  const std::size_t count = z.size() / size();
  if (linear_) {
    fit_linear(u, mu, z);
  } else {
    const auto code = [&](std::size_t k) { return z.subspan(k * size(), size()); };
    const auto seen = [&](std::size_t k) { return u.subspan(k * rows(), rows()); };
    if (start.empty()) {
      const auto first = linearised(prior_.mean, mu);
      for (std::size_t k = 0; k < count; ++k) {
        std::copy(prior_.mean.begin(), prior_.mean.end(), code(k).begin());
        follow(first, seen(k), mu, code(k));
      }
    } else {
      std::copy(start.begin(), start.end(), z.begin());
    }
    for (std::size_t k = 0; k < count; ++k)
      for (int i = 0; i < options_.max_iterations; ++i)
        if (follow(linearised(code(k), mu), seen(k), mu, code(k)) < options_.tolerance) break;
  }
  Buffer<double> fields(u.size());
  field_.values(z, mu, fields);
  return (Vector(u.data(), u.size()) - Vector(fields.data(), u.size())).squaredNorm() /
         static_cast<double>(u.size());
}

void CodeFit::fit_linear(std::span<const double> u, std::span<const double> mu, std::span<double> z) {
  field_.values(Buffer<double>(size()), mu, values_);  // what the code does not move
  right_.resize(u.size());
  for (std::size_t i = 0; i < u.size(); ++i) right_[i] = u[i] - values_[i % values_.size()];
  linear_->solve(right_, z);
}

// The problem linearised at z; leaves the slope in jacobian_.
nn::GaussianLeastSquares CodeFit::linearised(std::span<const double> z, std::span<const double> mu) {
  field_.jacobian(z, mu, jacobian_);
  return nn::GaussianLeastSquares(jacobian_, prior_, noise_);
}

// Steps of one frame from z[d] on, WRITTEN. Returns how far they went, as a part of the code's size.
double CodeFit::follow(const nn::GaussianLeastSquares& chord, std::span<const double> u,
                       std::span<const double> mu, std::span<double> z) {
  constexpr int most_steps = 4;
  Buffer<double> goal(size()), trial(size());
  const Buffer<double> begin(z.begin(), z.end());
  const auto distance = [&](std::span<const double> from, std::span<const double> to) {
    return (Vector(to.data(), to.size()) - Vector(from.data(), from.size())).norm() / (norm(to) + 1e-300);
  };
  right_.resize(rows());
  double best = objective(u, mu, z);  // leaves g(z) in values_
  for (int k = 0; k < most_steps; ++k) {
    // u - g(z) + J z = J z': the linearised problem has the form of the linear one.
    Eigen::Map<Eigen::VectorXd>(right_.data(), right_.size()).noalias() =
        View(jacobian_.data(), rows(), size()) * Vector(z.data(), z.size());
    for (std::size_t i = 0; i < u.size(); ++i) right_[i] += u[i] - values_[i];
    chord.solve(right_, goal);
    double at = best;
    for (double length = 1; length > 1e-3; length /= 2) {
      for (std::size_t i = 0; i < trial.size(); ++i) trial[i] = z[i] + length * (goal[i] - z[i]);
      at = objective(u, mu, trial);
      if (at < best) break;
    }
    if (!(at < best)) break;
    const bool arrived = distance(z, trial) < options_.tolerance || at > (1 - 1e-3) * best;
    std::copy(trial.begin(), trial.end(), z.begin());
    best = at;
    if (arrived) break;
  }
  return distance(begin, z);
}

}  // namespace hypercast::hyper
