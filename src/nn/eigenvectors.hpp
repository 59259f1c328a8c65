#pragma once
// The leading eigenvectors of a large symmetric matrix.

#include <span>

#include "core/buffer.hpp"

namespace hypercast::nn {

struct Eigenpairs {
  Buffer<double> values;   // [count], falling
  Buffer<double> vectors;  // [count][n], orthonormal
};

// The `count` largest eigenvalues of the symmetric, positive semi-definite matrix[n][n], of which only the
// lower triangle (row >= column) is read. Residuals |A v - lambda v| are at most 1e-7 lambda or 1e-13 of the
// largest lambda. Small matrices are decomposed in full, of others a block Krylov space is restarted with its
// best vectors (C. Musco and C. Musco, "Randomized block Krylov methods", NIPS 2015; K. Wu and H. Simon,
// "Thick-restart Lanczos", SIAM J. Matrix Anal. Appl. 22 (2000)) from a fixed start: the same bits each time.
// Error (Exit::internal) when that does not converge.
Eigenpairs leading_eigenpairs(std::span<const double> matrix, std::size_t n, std::size_t count);

}  // namespace hypercast::nn
