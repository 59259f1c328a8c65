#pragma once
// The linear part of an equation as a sparse matrix over a finite-difference grid: the same numbers as
// add_linear applies. Rows of points on Dirichlet walls are zero; every diagonal entry exists.

#include "pde/solver/fd_grid.hpp"

namespace hypercast::pde {

// COLLECTIVE.
MatHandle make_matrix(const FdGrid& grid, std::span<const LinearTerm> terms);
// COLLECTIVE. The same for one field, without walls' sign rules: row and column of each term are 0.
MatHandle make_scalar_matrix(const FdGrid& grid, std::span<const LinearTerm> terms);
// COLLECTIVE. New coefficients in the same terms.
void assemble(const FdGrid& grid, std::span<const LinearTerm> terms, Mat matrix);

}  // namespace hypercast::pde
