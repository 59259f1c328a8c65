#pragma once
// From observed values to a code: the most probable z given what was measured,
//   min |u - g_H(z, mu)(x)|^2 / s2 + (z - m)^T S^-1 (z - m),
// with mean m and covariance S of the training codes and s2 = what codes cannot hold of a field, and noise.
// Any number of observed points will do, also fewer than unknowns. Where the field is affine in the code this
// is one linear solve, factorised once for all frames that are observed at the same points. Else it is
// Gauss-Newton with halving of steps that do not improve; since a slope costs many times a field, every
// linearisation serves a few steps (chords), and the first one, at the prior's mean, all frames of a call.

#include <memory>

#include "hyper/code_field.hpp"
#include "nn/gaussian_least_squares.hpp"

namespace hypercast::hyper {

struct CodeFitOptions {
  int max_iterations = 30;  // linearisations
  double tolerance = 1e-6;  // stop when steps move codes by less than this part of their size
  double noise = 0;         // standard deviation of errors of measurement, normalised; adds to s2
};

class CodeFit {
 public:
  // For observations at x[n][inputs], all channels at every point. Model and phi are borrowed. UserError
  // (Exit::refused) when the model has no codes yet.
  CodeFit(const Model<double>& model, std::span<const double> phi, std::span<const double> x,
          const CodeFitOptions& options = {});

  std::size_t rows() const { return field_.rows(); }
  std::size_t size() const { return field_.size(); }
  // Codes z[count][d] of frames u[count][point][channel] (normalised) that share their parameters mu (as H
  // takes them). `start`: where Gauss-Newton begins, one a frame; empty: at the prior's mean. Returns the
  // mean square of u - g.
  double fit(std::span<const double> u, std::span<const double> mu, std::span<double> z,
             std::span<const double> start = {});

 private:
  void fit_linear(std::span<const double> u, std::span<const double> mu, std::span<double> z);
  nn::GaussianLeastSquares linearised(std::span<const double> z, std::span<const double> mu);
  double follow(const nn::GaussianLeastSquares& chord, std::span<const double> u, std::span<const double> mu,
                std::span<double> z);
  double objective(std::span<const double> u, std::span<const double> mu, std::span<const double> z);

  CodeField field_;
  CodeFitOptions options_;
  nn::GaussianPrior prior_;
  Buffer<double> precision_;  // S^-1, for the objective of Gauss-Newton
  double noise_;
  std::unique_ptr<nn::GaussianLeastSquares> linear_;  // the factorised solve, when the field is affine
  Buffer<double> values_, jacobian_, right_;
};

}  // namespace hypercast::hyper
