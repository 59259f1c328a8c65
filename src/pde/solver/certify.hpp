#pragma once
// Measures the error of trajectories by solving them again: with half and a quarter of the step, on a finer
// and a coarser grid, by another discretisation.
//
// All numbers are about double-precision states. A relative L2 error of a frame is the norm over points and
// channels of the difference, over that of the frame. Error in time: |u_h - u_{h/2}| 2^p / (2^p - 1), with p
// the observed order log2 |u_h - u_{h/2}| / |u_{h/2} - u_{h/4}|. Error in space likewise, from the same steps
// on both grids, at the points they share: twice the points along periodic axes and the intervals between
// Dirichlet nodes, or three times where some walls are Neumann walls (C. J. Roy, J. Comput. Phys. 205
// (2005)). Where no order can be observed, finite differences count with their own, Fourier series and steps
// whose differences are rounding with 8.

#include <optional>

#include "pde/setup.hpp"
#include "pde/solver/solver.hpp"

namespace hypercast::pde {

// Of one trajectory; NaN where it was not or could not be measured (an order below rounding, a coarse grid
// that diverged).
struct Certificate {
  double err_time, err_space;      // the largest of all frames up to certify.until
  double order_time, order_space;  // observed at the worst frame before the horizon; spectral: no order_space
  double err_agreement;    // the largest difference from the other discretisation, up to certify.until
  double converged_until;  // time of the last frame before the error exceeds certify.horizon
};

Certificate unmeasured();  // all NaN
std::string to_text(const Certificate& certificate);

class Certifier {
 public:
  // COLLECTIVE over the group. Makes solvers for what [certify] asks; setup is borrowed.
  Certifier(const Comm& group, const Setup& setup);
  ~Certifier();
  // COLLECTIVE. `state` is the initial state of one trajectory; `frames` how many to follow it, the first
  // included. Nothing when `stop`, which is asked after every frame of every run, says so; UserError
  // (Exit::diverged) when the trajectory itself diverges.
  std::optional<Certificate> certify(const State& state, int frames, const std::function<bool()>& stop);

 private:
  struct Runs;
  std::unique_ptr<Runs> runs_;
};

// Why a certificate misses certify.tolerance; "" when it does not, or nothing is demanded.
std::string shortfall(const Certificate& certificate, const CertifyOptions& options);

}  // namespace hypercast::pde
