#pragma once
// Two integrators of our own, as types of PETSc's TS, for du/dt = L u + N(t, u) where L is known mode by
// mode:
//
// etdrk4      exponential time differencing, order 4: L is integrated exactly, N by a Runge-Kutta scheme.
//             S. M. Cox, P. C. Matthews, J. Comput. Phys. 176 (2002); coefficients by contour integrals as in
//             A.-K. Kassam, L. N. Trefethen, SIAM J. Sci. Comput. 26 (2005).
// dino_imex   order 1: Crank-Nicolson for L, forward Euler for N, as the data of Y. Yin et al. were made
//             ("Continuous PDE dynamics forecasting with implicit neural representations", ICLR 2023).
//
// TSSetRHSFunction gives them N; states are modes (fourier_equation.hpp). The step is the TS's and is not
// adapted by the type; with doubling etdrk4 also estimates the error of each step. TSRollBack works.

#include "pde/solver/mode_matrix.hpp"
#include "pde/solver/petsc.hpp"

namespace hypercast::pde {

void register_symbol_integrators();  // with PETSc; any number of times, once PETSc is initialised

// The linear part, borrowed, for a TS of one of these types. Call it again when the symbol has changed:
// coefficients that were kept for its steps are forgotten.
void set_symbol(TS ts, const Symbol* symbol);

// etdrk4: with doubling each step is also made as two halves, whose result is taken. The error of the last
// step is then the RMS over the state of (one step - two halves) / 15 / (tolerance (1 + |u|)).
void set_step_doubling(TS ts, double tolerance);
double scaled_error(TS ts);

}  // namespace hypercast::pde
