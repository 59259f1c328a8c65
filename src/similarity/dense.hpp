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

// How far apart the directions of rows are: 1 - cosine of two rows. From the differences of unit rows to
// their mean, so that rows far from the origin, which all point nearly the same way, keep their digits. A row
// of zeros has cosine 0 with every row.
class Directions {
 public:
  Directions(Buffer<double> x, std::size_t rows, std::size_t columns);
  // WRITES 1 - cosine of rows [begin, end) and all rows, out[end - begin][rows], to multiples of 2^-40 of the
  // largest, or of what rounding of unit rows makes of it: numbers that are equal but for rounding become
  // equal, so that ties are ties, but for those that lie half way between two multiples.
  void distances(std::size_t begin, std::size_t end, std::span<double> out) const;

 private:
  std::size_t rows_, columns_;
  Buffer<double> x_;            // less their mean
  std::vector<double> halves_;  // of squares; 1 - cosine of i, j = halves i + halves j - x_i . x_j
  double steps_ = 1;
};

}  // namespace hypercast::similarity
