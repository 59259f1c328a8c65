#pragma once
// Elliptic integral and functions, by the arithmetic-geometric mean (M. Abramowitz, I. A. Stegun, Handbook of
// Mathematical Functions, 16.4 and 17.6). They take the complementary parameter m1 = 1 - m: steep waves have
// an m that rounds to 1.

namespace hypercast::pde {

// K, the quarter period; 0 < m1 <= 1.
double quarter_period(double m1);
// sn(u | m).
double jacobi_sn(double u, double m1);

}  // namespace hypercast::pde
