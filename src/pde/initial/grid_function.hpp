#pragma once
// The smooth function through values that are given on a grid of two axes.
//
// Along an axis of N points (N even) it is the combination of the cardinal functions of the grid, here with
// the angle a = 2 pi (x - lower) / L (periodic) or pi (x - lower) / L (between Neumann walls):
//
//   periodic   C_j(a) = K(a - a_j; N)                            K(d; n) = sin(n d/2) / (n tan(d/2))
//   neumann    C_j(a) = K(a - a_j; 2N) + K(a + a_j; 2N)
//
// the first the trigonometric interpolant whose shortest wave is a cosine, the second the cosine series of
// the discrete cosine transform (DCT-II), which has no slope at the walls.

#include <limits>
#include <span>
#include <vector>

#include "pde/domain.hpp"

namespace hypercast::pde {

class GridFunction {
 public:
  // values[i][j] at (axes[0].point(i), axes[1].point(j)); Error (Exit::internal) on other domains.
  GridFunction(Domain domain, std::vector<double> values);

  // At any point of the plane. On a point of the grid (to 1e-9 of a spacing) the value given there, exactly.
  // Points that share their first coordinate are cheap one after the other: N operations instead of N^2.
  double operator()(std::span<const double> x);

 private:
  Domain domain_;
  std::vector<double> values_;
  double at_ = std::numeric_limits<double>::quiet_NaN();  // the first coordinate that line_ belongs to
  std::vector<double> line_, weights_;
};

}  // namespace hypercast::pde
