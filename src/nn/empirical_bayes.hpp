#pragma once
// The prior of least squares learned from measurements alone (automatic relevance determination):
// u_c = A w_c + e_c with w_c ~ N(0, diag(v)) and e_c ~ N(0, s2 I) for many c, groups of which share an A; v
// and s2 are those that make the u_c most probable, found by expectation maximisation. M. E. Tipping, "Sparse
// Bayesian learning and the relevance vector machine", J. Mach. Learn. Res. 1 (2001).

#include <span>
#include <vector>

#include "core/buffer.hpp"

namespace hypercast::nn {

struct EmpiricalBayesOptions {
  int max_iterations = 500;
  double tolerance = 1e-7;  // stop when the log evidence rises by less than this, per measurement
  // The variance parameter of every column, numbers from 0: columns of one number share theirs, as the modes
  // of one wavelength do in an isotropic field. Empty: each column has its own.
  std::vector<int> groups;
};

struct EmpiricalBayes {
  Buffer<double> variances;   // v [d]
  double noise_variance = 0;  // s2
  double log_evidence = 0;    // of the measurements, per measured number
  int iterations = 0;
};

// Measurements through one A: a[rows][d], u[count][rows]; rows may be fewer than d. Borrowed.
struct MeasuredGroup {
  std::span<const double> a;
  std::size_t rows = 0;
  std::span<const double> u;
};

// d is the same in all groups. An iteration costs about max(rows, d) min(rows, d)^2 a group, however many
// measurements it has. The start is the same variance for every column, and a tenth of the mean square as
// noise; noise stays above 1e-10 of the mean square. Variances of coefficients that never occur fall to zero
// slowly. The same bits each time.
EmpiricalBayes empirical_bayes(std::span<const MeasuredGroup> groups,
                               const EmpiricalBayesOptions& options = {});
// Of one group.
EmpiricalBayes empirical_bayes(std::span<const double> a, std::size_t rows, std::span<const double> u,
                               const EmpiricalBayesOptions& options = {});

}  // namespace hypercast::nn
