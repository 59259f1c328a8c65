#pragma once
// Finite differences along one line of points: central inside, closed at the walls. Every row is a weighted
// sum of points of the line itself, so the matrix and the matrix-free operator are the same numbers.

#include <cstdint>
#include <span>
#include <vector>

#include "pde/domain.hpp"

namespace hypercast::pde {

// Weights w with  d^m f/dx^m (at) = sum_j w_j f(nodes_j), exact for polynomials of degree nodes.size() - 1.
// B. Fornberg, "Generation of finite difference formulas on arbitrarily spaced grids", Math. Comp. 51 (1988).
std::vector<double> difference_weights(double at, std::span<const double> nodes, int m);

// The derivative at point i is sum_j weights[j] u[i + start + j].
struct Row {
  int start = 0;
  std::vector<double> weights;
};

// d^m/dx^m for all points of an axis.
class Line {
 public:
  // `accuracy`: 2, 4 or 6. Walls: values beyond them come from even or odd reflection (`reflect`), which
  // keeps the accuracy if the solution has that symmetry, or from the polynomial of degree accuracy + 1 that
  // satisfies the wall condition. A Dirichlet wall's value is that of its node. An `odd` field changes sign
  // in the mirror of a Neumann wall (operators.hpp); its values beyond always come from reflection.
  Line(const DomainAxis& axis, int m, int accuracy, bool reflect, bool odd = false);

  const Row& row(std::int64_t i) const;
  // The points [begin, end) whose rows are all the same, interior one.
  std::int64_t interior_begin() const { return static_cast<std::int64_t>(low_.size()); }
  std::int64_t interior_end() const { return points_ - static_cast<std::int64_t>(high_.size()); }
  const Row& interior() const { return interior_; }
  int reach() const;  // the farthest neighbour that a row asks for

 private:
  std::int64_t points_;
  Row interior_;
  std::vector<Row> low_, high_;
};

}  // namespace hypercast::pde
