#pragma once
// f(A) of a small complex matrix, for entire functions f that are real on the real axis and may be written
// with removable singularities, such as (e^z - 1)/z.
//
// Scalars: the mean of f over a circle of radius 1 to 1.5 around the argument, which avoids the cancellation
// near a removable singularity, which may lie at 0: A.-K. Kassam, L. N. Trefethen, "Fourth-order
// time-stepping for stiff PDEs", SIAM J. Sci. Comput. 26 (2005). Matrices: Newton's interpolation through the
// eigenvalues, whose divided differences are contour integrals of the same kind where eigenvalues lie within
// 1 of each other (N. J. Higham, "Functions of Matrices", SIAM 2008, sections 1.2.2 and 4.3).

#include <complex>
#include <functional>
#include <vector>

namespace hypercast::pde {

using EntireFunction = std::function<std::complex<double>(std::complex<double>)>;

// The divided difference f[z_0, ..., z_n]; of one argument, f itself.
std::complex<double> divided_difference(const EntireFunction& f, std::vector<std::complex<double>> z);

// a: row-major n x n; returns f(a) likewise.
std::vector<std::complex<double>> matrix_function(const EntireFunction& f,
                                                  std::vector<std::complex<double>> a, int n);

}  // namespace hypercast::pde
