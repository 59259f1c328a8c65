#pragma once
// Least squares with a Gaussian prior: coefficients z ~ N(m, S) seen through u = A z + e with noise
// e ~ N(0, s2 I). The mean of z given u is a linear map of u, which is factorised once and applied to many u.
// C. E. Rasmussen and C. K. I. Williams, "Gaussian Processes for Machine Learning" (2006), chapter 2.

#include <memory>
#include <span>

#include "core/buffer.hpp"

namespace hypercast::nn {

// covariance: [d][d], symmetric and positive semi-definite, or its diagonal [d].
struct GaussianPrior {
  Buffer<double> mean;  // [d]
  Buffer<double> covariance;

  std::size_t size() const { return mean.size(); }
  bool diagonal() const { return covariance.size() == mean.size(); }
};

// Mean and covariance (divided by the count) of samples[count][d].
GaussianPrior gaussian_of(std::span<const double> samples, std::size_t d);

// In double precision; one core, the same bits each time.
class GaussianLeastSquares {
 public:
  // a[rows][d] (d of the prior), any number of rows, also fewer than d. The prior may be singular: what it
  // excludes stays at its mean. noise_variance > 0, or 0 for measurements that are exact. The system solved
  // has the smaller of d and rows unknowns and is Cholesky-factorised; where rounding leaves it indefinite, a
  // multiple of the identity is added (see ridge()).
  GaussianLeastSquares(std::span<const double> a, const GaussianPrior& prior, double noise_variance);
  ~GaussianLeastSquares();
  GaussianLeastSquares(GaussianLeastSquares&&) noexcept;

  std::size_t rows() const;
  std::size_t size() const;
  // Posterior means z[count][d] of u[count][rows].
  void solve(std::span<const double> u, std::span<double> z) const;
  // Posterior variances [d]: how well rows() measurements determine each coefficient.
  Buffer<double> variance() const;
  // What was added to the diagonals of prior and system, the larger of the two, relative to the mean of the
  // diagonal: 0 when nothing was, and never beyond 1e-6.
  double ridge() const;

 private:
  struct Factors;
  std::unique_ptr<Factors> factors_;
};

// Plain least squares, no prior: the z of least |A z - u| for each u[count][rows], by a QR decomposition with
// column pivoting. Columns that depend on others to 1e-12 get 0. a[rows][d] with rows >= d.
void least_squares(std::span<const double> a, std::size_t rows, std::span<const double> u,
                   std::span<double> z);

}  // namespace hypercast::nn
