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
// COLLECTIVE. `frame` [points][channels] in network units. At most `most` steps, tried ones that did not help
// counted; fewer when four in a row gain less than a twentieth. The first has the given regularisation.
Fit polish(GridField& grid, Projection& projection, std::span<const double> q, std::span<const double> frame,
           int most, double regularisation);

}  // namespace hypercast::forecast
