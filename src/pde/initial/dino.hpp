#pragma once
// The initial states of the data sets of DINo: Y. Yin, M. Kirchmeyer, J.-Y. Franceschi, A. Rakotomamonjy,
// P. Gallinari, "Continuous PDE Dynamics Forecasting with Implicit Neural Representations", ICLR 2023. They
// are arrays of N x N numbers, drawn from the Mersenne twister with one seed a trajectory: there seed i for
// training trajectory i, 2147483647 - k for test trajectory k. Whatever the domain, entry (i, j) belongs to
// grid point (i, j).

#include <cstdint>
#include <vector>

namespace hypercast::pde {

// The vorticity that their Navier-Stokes trajectories start from, a Gaussian random field: Re F^-1 c with
//
//   c(k) = N^2 sqrt(2) sigma (4 pi^2 |k|^2 + tau^2)^(-alpha/2) xi(k),   c(0) = 0,   sigma = tau^(alpha - 1)
//
// for integer wave numbers k = 0..N/2-1, -N/2..-1 and the complex normal numbers xi of twister.hpp, which are
// drawn row by row and not made Hermitian. There N = 64, alpha = 2.5, tau = 7. N is a multiple of 4.
std::vector<double> dino_random_field(int n, double alpha, double tau, std::uint32_t seed);

// The displacement that their waves start from: height exp(-(x^2 + y^2) / (2 radius^2)) on N points from -1
// to 1, both ends included, moved cyclically by `shift` points along each axis. N is a power of two,
// there 64.
struct DinoBump {
  double radius, height;
  int shift[2];
};
DinoBump draw_dino_bump(int n, std::uint32_t seed);
std::vector<double> dino_gaussian(int n, const DinoBump& bump);

}  // namespace hypercast::pde
