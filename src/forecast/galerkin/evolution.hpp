#pragma once
// The Galerkin dynamics: unknowns that follow an equation through time.
//
//   dq/dt = argmin |J(q) v - F(t, u(q))|^2 + regularisation |v|^2     (projection.hpp)
//
// J. Bruna, B. Peherstorfer, E. Vanden-Eijnden, "Neural Galerkin schemes with active learning for
// high-dimensional evolution equations", J. Comput. Phys. 496 (2024). F is taken on the whole grid; the sum
// runs over the whole grid or over points drawn anew for each step, the same for all of its stages.

#include <functional>
#include <string>
#include <vector>

#include "forecast/galerkin/grid_field.hpp"
#include "forecast/galerkin/options.hpp"
#include "forecast/galerkin/projection.hpp"
#include "forecast/galerkin/runge_kutta.hpp"

namespace hypercast::forecast {

// What is known of a step from time to time + length.
struct StepRecord {
  double time = 0;
  double length = 0;
  double error = 0;       // estimated, relative to the field; NaN without an estimate
  double residual = 0;    // |J v - F| / |F| at its start
  double rate = 0;        // |F| / |u| there, both over the grid
  double speed = 0;       // |v|
  int rejected = 0;       // longer steps that were tried
  int iterations = 0;     // of lsqr, in the first stage
  bool converged = true;  // whether lsqr was, in all stages
};

struct Knot {
  double time = 0;
  Buffer<double> q, rate;
};

struct Evolution {
  std::vector<Knot> knots;  // where steps begin, and where the last one ends
  std::vector<StepRecord> steps;
  int unconverged = 0;   // projections in which lsqr ran out of iterations, those of rejected steps too
  std::string stall;     // why it went no further; "" when it did not stall
  bool stopped = false;  // by a signal

  // q at a time between the first knot and the last: cubic Hermite interpolation.
  Buffer<double> at(double t) const;
};

// COLLECTIVE. From q at `start` to `end`, or until a step stalls or a signal comes. `tell` hears of each
// step.
Evolution evolve(const Context& context, GridField& grid, Projection& projection, std::span<const double> q,
                 double start, double end, const GalerkinOptions& options,
                 const std::function<void(const StepRecord&)>& tell = {});

}  // namespace hypercast::forecast
