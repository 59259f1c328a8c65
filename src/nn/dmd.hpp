#pragma once
// Dynamic mode decomposition: snapshots as a sum of damped oscillations, x(t) = Re sum_j z_j e^{lambda_j t}.
// J. H. Tu et al., "On dynamic mode decomposition: theory and applications", J. Comput. Dyn. 1 (2014);
// amplitudes fitted to all snapshots as in M. R. Jovanovic, P. J. Schmid, J. W. Nichols, Phys. Fluids 26
// (2014).

#include <complex>
#include <span>
#include <vector>

namespace hypercast::nn {

struct DmdOptions {
  int max_rank = 20;
  double tolerance = 1e-6;  // keep singular values above this fraction of the largest
};

struct Dmd {
  std::size_t size = 0;                     // of a snapshot
  double origin = 0;                        // x(t) uses e^{lambda (t - origin)}
  std::vector<std::complex<double>> rates;  // lambda_j, per unit of time
  std::vector<std::complex<double>> modes;  // [rank][size], amplitudes included

  void evaluate(double t, std::span<double> x) const;
};

// snapshots[count][size] at increasing `times`. Pairs of snapshots that are one smallest time step apart
// teach the dynamics; the amplitudes fit all snapshots. Gaps are allowed. With no pair, or only zeros, the
// rank is 0 and x(t) = 0.
Dmd dmd(std::span<const double> snapshots, std::span<const double> times, const DmdOptions& options);

}  // namespace hypercast::nn
