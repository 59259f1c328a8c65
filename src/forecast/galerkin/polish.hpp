#pragma once
// Fits the unknowns to a frame: Gauss-Newton steps with the regularisation of Levenberg and Marquardt, which
// grows tenfold when a step makes the fit worse and falls tenfold when it makes it better.

#include "forecast/galerkin/grid_field.hpp"
#include "forecast/galerkin/projection.hpp"

namespace hypercast::forecast {

struct Fit {
  Buffer<double> q;
  double before = 0, after = 0;  // root mean square of the misfit over that of the frame
};
struct PolishOptions {
  int steps = 8;                 // at most; fewer when three in a row gain less than a twentieth
  double regularisation = 1e-6;  // of the first
  std::size_t points = 0;        // drawn anew for each step; 0: the whole grid. All judge the step.
  std::uint64_t seed = 0;
};
// COLLECTIVE. `frame` [points][channels] in network units.
Fit polish(GridField& grid, Projection& projection, std::span<const double> q, std::span<const double> frame,
           const PolishOptions& options);

}  // namespace hypercast::forecast
