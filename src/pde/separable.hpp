#pragma once
// Exact solutions of u_t + c.grad u = nu Lap u as products of one factor an axis. Each factor solves its own
// axis's equation v_t + c v_x = nu v_xx:
//
//   periodic   e^{-nu k^2 t} sin(k (x - c t) + 0.3)                                     k = 2 pi n / L
//   walls      e^{c x / 2 nu} e^{-(c^2 / 4 nu + nu k^2) t} sin(k x + phase)             k =   pi n / L
//              phase 0 for v = 0 on the walls, tan(phase) = -2 nu k / c for v_x = 0 (c = 0: cos k x)
//
// with x measured from the lower end and n = 1 along every axis.

#include "pde/system.hpp"

namespace hypercast::pde {

// `velocity`: one entry an axis. The value on Dirichlet walls is added: constants are solutions.
ExactSolution separable_solution(const Domain& domain, double nu, std::vector<double> velocity);

}  // namespace hypercast::pde
