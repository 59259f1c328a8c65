#pragma once
// Linear propagators of codes over one frame, y' = P(mu) y + c(mu) with P and c affine in mu: fitted by least
// squares to pairs of frames, and taken to any power. In matrix form y' = W x with the features
// x = [1, mu] (x) [y, 1] and W [d][(p + 1)(d + 1)]; cf. J. H. Tu et al., "On dynamic mode decomposition:
// theory and applications", J. Comput. Dyn. 1 (2014).

#include <complex>
#include <span>
#include <vector>

#include "hyper/codes.hpp"

namespace hypercast::hyper {

struct PropagatorFit {
  std::vector<double> weights;  // W
  double ridge = 0;             // relative to the mean square of a feature
  double held_out_error = 0;  // relative L2 of whole rollouts over the sequences held out to choose the ridge
};

// All pairs of consecutive frames of scaled sequences. The ridge is the one of a ladder whose rollouts over
// the last eighth of the sequences are best (with one sequence: its last quarter of frames; with fewer than 8
// frames the ridge is 1e-8), then everything is fitted with it. Error for less than two frames.
PropagatorFit fit_propagator(const CodeSequences& sequences);

// Square matrices [n][n], row-major.
// The principal logarithm. Eigenvalues below 1e-10 of the largest are lifted to that, so that directions that
// die within a frame have a logarithm, too.
std::vector<std::complex<double>> matrix_logarithm(std::span<const double> matrix);
// Re exp(time L).
std::vector<double> real_exponential(std::span<const std::complex<double>> logarithm, double time);
// dL/dM from dL/dR for R = real_exponential(matrix_logarithm(M), time).
std::vector<double> power_backward(std::span<const double> matrix, double time,
                                   std::span<const double> d_power);
double spectral_radius(std::span<const double> matrix);

// The real part of the logarithm after eigenvalues whose logarithm has a real part below -reach, or an
// imaginary part beyond it, were moved to that limit: a generator that a Runge-Kutta method can follow.
std::vector<double> generator(std::span<const double> matrix, double reach);

}  // namespace hypercast::hyper
