#pragma once
// Linear terms that many equations share.

#include <vector>

#include "pde/system.hpp"

namespace hypercast::pde {

// coefficient d^order/dx_axis^order of `column`, in the equation of `row`.
LinearTerm term(double coefficient, int axis, int order, int row = 0, int column = 0);
// coefficient Lap
std::vector<LinearTerm> laplacian(double coefficient, int dims, int row = 0, int column = 0);
// coefficient Lap^2
std::vector<LinearTerm> biharmonic(double coefficient, int dims);

// A constant velocity as decks give it: one number for all axes, or one an axis.
std::string velocity_complaint(const std::vector<double>& velocity, const Domain& domain);
std::vector<double> per_axis(const std::vector<double>& velocity, int dims);
// -velocity.grad, velocity by axis
std::vector<LinearTerm> advection(const std::vector<double>& velocity);
// Whether nothing moves through a wall: a wind blows into its mirror image.
bool walls_are_still(const std::vector<double>& velocity, const Domain& domain);

}  // namespace hypercast::pde
