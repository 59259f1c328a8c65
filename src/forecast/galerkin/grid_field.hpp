#pragma once
// The field of the unknowns on the whole grid, and the rate of change that the equation asks of it.

#include <vector>

#include "core/context.hpp"
#include "forecast/galerkin/tangent_space.hpp"
#include "hyper/model.hpp"
#include "pde/rate_of_change.hpp"

namespace hypercast::forecast {

class GridField {
 public:
  // The grid is the model's. All is borrowed but the facts' numbers.
  GridField(const Context& context, TangentSpace& space, const hyper::ModelFacts& facts,
            pde::RateOfChange& rate);

  std::size_t points() const { return points_; }
  std::span<const double> x() const { return x_; }  // [points][inputs]
  // COLLECTIVE. [points][channels] in network units, on every rank; the same bits on any number of ranks.
  Buffer<double> field(std::span<const double> q);
  // COLLECTIVE. F of that field, in network units per time.
  Buffer<double> rates(double t, std::span<const double> q);

 private:
  const Context& context_;
  TangentSpace& space_;
  pde::RateOfChange& rate_;
  std::vector<double> mean_, scale_;
  std::size_t points_;
  Buffer<double> x_;
};

// The entries [chosen][width] of values[all][width].
Buffer<double> pick(std::span<const double> values, const std::vector<std::size_t>& chosen,
                    std::size_t width);

}  // namespace hypercast::forecast
