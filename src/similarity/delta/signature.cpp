#include "similarity/delta/signature.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

namespace hypercast::similarity {

namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Eigen::Index;

Index length(std::size_t n) { return static_cast<Index>(n); }

// Falling logarithms of the parts that eigenvalues have in their sum.
std::vector<double> log_profile(const Matrix& symmetric) {
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(symmetric, Eigen::EigenvaluesOnly);
  const Eigen::VectorXd& values = eigen.eigenvalues();
  const double largest = values[values.size() - 1], sum = values.sum();
  constexpr double negligible = 1e-10;
  std::vector<double> profile;
  for (Index i = values.size(); i-- > 0 && values[i] > negligible * largest;)
    profile.push_back(std::log(values[i] / sum));
  return profile;
}

std::vector<double> resampled(const std::vector<double>& profile, std::size_t size) {
  std::vector<double> result;
  const double last = static_cast<double>(profile.size() - 1);
  for (std::size_t i = 0; i < size; ++i) {
    const double at = size == 1 ? 0 : last * static_cast<double>(i) / static_cast<double>(size - 1);
    const auto below = std::min(static_cast<std::size_t>(at), profile.size() - 1);
    const auto above = std::min(below + 1, profile.size() - 1);
    const double part = at - static_cast<double>(below);
    result.push_back((1 - part) * profile[below] + part * profile[above]);
  }
  return result;
}

std::vector<double> unit_norm(std::vector<double> values) {
  double square = 0;
  for (const double v : values) square += v * v;
  for (double& v : values) v = square > 0 ? v / std::sqrt(square) : 1 / std::sqrt(double(values.size()));
  return values;
}

}  // namespace

Signature::Signature(const DeltaScheme& scheme, const FeatureShape& shape, std::size_t width)
    : code_(scheme.conditioning),
      n_(static_cast<std::size_t>(shape.n)),
      width_(width),
      widest_(shape.widest),
      size_(scheme.code_size) {
  if (code_ == ModelCode::spectrum) sums_.resize(std::min(n_, width_) * width_);
}

void Signature::see(std::int64_t begin, std::span<const double> rows) {
  if (code_ != ModelCode::spectrum) return;
  if (n_ < width_) {
    std::copy(rows.begin(), rows.end(), sums_.begin() + begin * static_cast<std::int64_t>(width_));
    return;
  }
  const Eigen::Map<const Matrix> x(rows.data(), length(rows.size() / width_), length(width_));
  Eigen::Map<Matrix>(sums_.data(), length(width_), length(width_)).noalias() += x.transpose() * x;
}

std::vector<double> Signature::done(std::span<const double> mean, double mean_norm) const {
  if (code_ == ModelCode::mean) {
    std::vector<double> result(widest_, 0.0);
    if (mean_norm > 0)
      for (std::size_t i = 0; i < width_; ++i) result[i] = mean[i] / mean_norm;
    return result;
  }
  if (code_ != ModelCode::spectrum) return {};
  const Eigen::Map<const Matrix> sums(sums_.data(), length(std::min(n_, width_)), length(width_));
  const auto profile = log_profile(n_ < width_ ? Matrix(sums * sums.transpose()) : Matrix(sums));
  return unit_norm(profile.empty() ? std::vector<double>(size_, 0.0) : resampled(profile, size_));
}

}  // namespace hypercast::similarity
