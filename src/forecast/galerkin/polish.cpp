#include "forecast/galerkin/polish.hpp"

#include <cmath>

namespace hypercast::forecast {

namespace {

// misfit = frame - field; returns its norm.
double misfit(GridField& grid, std::span<const double> q, std::span<const double> frame,
              Buffer<double>& difference) {
  difference = grid.field(q);
  double sum = 0;
  for (std::size_t i = 0; i < difference.size(); ++i) {
    difference[i] = frame[i] - difference[i];
    sum += difference[i] * difference[i];
  }
  return std::sqrt(sum);
}

}  // namespace

Fit polish(GridField& grid, Projection& projection, std::span<const double> q, std::span<const double> frame,
           int most, double regularisation) {
  Fit fit{Buffer<double>(q.begin(), q.end())};
  double size = 0;
  for (const double u : frame) size += u * u;
  size = size > 0 ? std::sqrt(size) : 1;
  Buffer<double> difference, tried;
  double distance = misfit(grid, fit.q, frame, difference);
  fit.before = distance / size;
  int in_vain = 0;  // steps in a row that gained next to nothing
  for (int i = 0; i < most && in_vain < 4; ++i) {
    const auto step = projection.project(fit.q, grid.x(), difference, regularisation);
    Buffer<double> moved = fit.q;
    for (std::size_t k = 0; k < moved.size(); ++k) moved[k] += step.v[k];
    const double reached = misfit(grid, moved, frame, tried);
    const bool better = std::isfinite(step.residual) && reached < distance;
    regularisation *= better ? 0.1 : 10;
    in_vain = reached < 0.95 * distance ? 0 : in_vain + 1;
    if (!better) continue;
    fit.q = std::move(moved);
    std::swap(difference, tried);
    distance = reached;
  }
  fit.after = distance / size;
  return fit;
}

}  // namespace hypercast::forecast
