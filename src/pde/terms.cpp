#include "pde/terms.hpp"

#include <fmt/core.h>

namespace hypercast::pde {

LinearTerm term(double coefficient, int axis, int order, int row, int column) {
  LinearTerm result{row, column, coefficient, {}};
  result.orders[axis] = order;
  return result;
}

std::vector<LinearTerm> laplacian(double coefficient, int dims, int row, int column) {
  std::vector<LinearTerm> terms;
  for (int axis = 0; axis < dims; ++axis) terms.push_back(term(coefficient, axis, 2, row, column));
  return terms;
}

std::vector<LinearTerm> biharmonic(double coefficient, int dims) {
  std::vector<LinearTerm> terms;
  for (int axis = 0; axis < dims; ++axis) {
    terms.push_back(term(coefficient, axis, 4));
    for (int other = 0; other < axis; ++other) {
      terms.push_back(term(2 * coefficient, axis, 2));
      terms.back().orders[other] = 2;
    }
  }
  return terms;
}

std::string velocity_complaint(const std::vector<double>& velocity, const Domain& domain) {
  if (velocity.size() == 1 || velocity.size() == domain.axes.size()) return "";
  return fmt::format("velocity has {} numbers, the grid {} axes", velocity.size(), domain.dims());
}

std::vector<double> per_axis(const std::vector<double>& velocity, int dims) {
  return velocity.size() == 1 ? std::vector<double>(dims, velocity[0]) : velocity;
}

std::vector<LinearTerm> advection(const std::vector<double>& velocity) {
  std::vector<LinearTerm> terms;
  for (std::size_t axis = 0; axis < velocity.size(); ++axis)
    terms.push_back(term(-velocity[axis], static_cast<int>(axis), 1));
  return terms;
}

bool walls_are_still(const std::vector<double>& velocity, const Domain& domain) {
  const auto c = per_axis(velocity, domain.dims());
  for (int axis = 0; axis < domain.dims(); ++axis)
    if (!domain.axes[axis].is_periodic() && c[axis] != 0) return false;
  return true;
}

}  // namespace hypercast::pde
