#pragma once
// Dense linear algebra of one rank, as measures need it. Matrices are row-major; nothing is collective.

#include <cstddef>
#include <span>
#include <vector>

#include "core/buffer.hpp"

namespace hypercast::similarity {

// A matrix that someone else owns, [rows][columns].
struct Matrix {
  std::span<const double> values;
  std::size_t rows = 0, columns = 0;
};

// A = U diag(s) V' with p = min(rows, columns); s falls.
//
// By eigenvectors of A'A and one-sided Jacobi rotations (M. R. Hestenes, J. SIAM 6 (1958); J. Demmel, K.
// Veselic, SIAM J. Matrix Anal. Appl. 13 (1992)), right to rounding beside the largest singular value. The
// divide-and-conquer method of Eigen 3.4 gives wrong numbers, or leaves its memory, on some matrices with
// many equal or zero singular values, which overlaps of models that share columns have; its two-sided Jacobi
// method is too slow.
struct Svd {
  std::vector<double> s;  // [p]
  Buffer<double> u;       // [rows][p], orthonormal columns
  Buffer<double> v;       // [columns][p]
};
Svd svd(const Matrix& a);

// Falling, [min(rows, columns)]; the same bits for a matrix and its transpose.
std::vector<double> singular_values(const Matrix& a);

// Their sum.
double nuclear_norm(const Matrix& a);

// Scales every row to norm 1; a row of zeros stays what it is.
void normalise_rows(std::span<double> x, std::size_t rows, std::size_t columns);

// WRITES the inner products of rows [begin, end) with all rows, out[end - begin][rows], to multiples of
// 2^-40: of rows of norm 1, numbers that are equal but for rounding become equal, so that ties are ties.
void inner_products(const Matrix& x, std::size_t begin, std::size_t end, std::span<double> out);

}  // namespace hypercast::similarity
