#pragma once
// Matrix-free linear least squares: x that minimises |A x - b|^2 + damping |x|^2, by PETSc's KSPLSQR
// (C. C. Paige, M. A. Saunders, "LSQR: an algorithm for sparse linear equations and sparse least squares",
// ACM Trans. Math. Softw. 8 (1982)). Needs a PetscSession; shows no PETSc.
//
// The rows of A are spread over the ranks; of the unknowns every rank has all. Sums over rows run in the
// order of ranks: results agree over ranks to the tolerance, not to the bit.

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "core/comm.hpp"

namespace hypercast::pde {

// A, as what it does. Both calls are made by all ranks together.
struct LinearMap {
  std::size_t rows = 0;      // of this rank; may be 0
  std::size_t unknowns = 0;  // in all
  // out[rows] = A v, for v[unknowns].
  std::function<void(std::span<const double> v, std::span<double> out)> multiply;
  // out[unknowns] = A^T r for this rank's rows alone, r[rows].
  std::function<void(std::span<const double> r, std::span<double> out)> multiply_transposed;
};

struct LeastSquaresOptions {
  double damping = 0;
  // Stop when |r| <= tolerance |b| or |B^T r| <= tolerance |B| |r|, with B = [A; sqrt(damping)] and r what it
  // leaves of [b; 0].
  double tolerance = 1e-10;
  int most_iterations = 1000;
};

struct LeastSquaresSolution {
  std::vector<double> x;  // on every rank
  double residual = 0;    // |A x - b| over all rows
  int iterations = 0;
  bool converged = false;  // false: the iterations ran out; x is the best so far
};

// COLLECTIVE. b: this rank's rows. Starts from x = 0.
LeastSquaresSolution solve_least_squares(const Comm& comm, const LinearMap& map, std::span<const double> b,
                                         const LeastSquaresOptions& options);

}  // namespace hypercast::pde
