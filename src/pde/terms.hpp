#pragma once
// Linear terms that many equations share.

#include <vector>

#include "pde/system.hpp"

namespace hypercast::pde {

// coefficient d^order/dx_axis^order of `column`, in the equation of `row`.
inline LinearTerm term(double coefficient, int axis, int order, int row = 0, int column = 0) {
  LinearTerm result{row, column, coefficient, {}};
  result.orders[axis] = order;
  return result;
}

// coefficient Lap
inline std::vector<LinearTerm> laplacian(double coefficient, int dims, int row = 0, int column = 0) {
  std::vector<LinearTerm> terms;
  for (int axis = 0; axis < dims; ++axis) terms.push_back(term(coefficient, axis, 2, row, column));
  return terms;
}

}  // namespace hypercast::pde
