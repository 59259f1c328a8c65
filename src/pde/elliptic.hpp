#pragma once
// Elliptic integrals and functions by the arithmetic-geometric mean: M. Abramowitz, I. A. Stegun, "Handbook
// of Mathematical Functions" (1964), 16.4 and 17.6. The parameter is m = k^2, 0 <= m < 1.

namespace hypercast::pde {

// K(m), a quarter of the period of cn.
double complete_elliptic_k(double m);

struct JacobiFunctions {
  double sn, cn, dn;
};
JacobiFunctions jacobi(double u, double m);

}  // namespace hypercast::pde
