#include "forecast/galerkin/grid_field.hpp"

#include <algorithm>

namespace hypercast::forecast {

GridField::GridField(const Context& context, TangentSpace& space, const hyper::ModelFacts& facts,
                     pde::RateOfChange& rate)
    : context_(context),
      space_(space),
      rate_(rate),
      mean_(facts.mean),
      scale_(facts.scale),
      points_(facts.points()),
      x_(points_ * space.inputs()) {
  hyper::Coordinates::of(facts.axes).embed<double>(hyper::grid_points(facts.axes), x_);
}

// Each rank takes a run of whole blocks.
Buffer<double> GridField::field(std::span<const double> q) {
  const auto scope = context_.timers.scope("field");
  const Comm& comm = context_.comm;
  const std::size_t channels = space_.channels(), inputs = space_.inputs();
  const auto blocks = static_cast<std::int64_t>((points_ + hyper::point_block - 1) / hyper::point_block);
  std::vector<int> counts;
  std::size_t begin = 0, mine = 0;
  for (int r = 0; r < comm.size(); ++r) {
    const Range run = share_of(blocks, r, comm.size());
    const std::size_t from = std::min(points_, run.begin * hyper::point_block),
                      to = std::min(points_, run.end * hyper::point_block);
    counts.push_back(static_cast<int>((to - from) * channels));
    if (r == comm.rank()) begin = from, mine = to - from;
  }
  Buffer<double> part(mine * channels), whole(points_ * channels);
  space_.field(q, std::span(x_).subspan(begin * inputs, mine * inputs), part);
  comm.all_gather<double>(part, std::span<double>(whole), counts);
  return whole;
}

Buffer<double> GridField::rates(double t, std::span<const double> q) {
  Buffer<double> u = field(q), rates(u.size());
  const auto scope = context_.timers.scope("rates");
  const std::size_t channels = mean_.size();
  for (std::size_t i = 0; i < u.size(); ++i) u[i] = mean_[i % channels] + scale_[i % channels] * u[i];
  rate_.evaluate_frame(t, u, rates);
  for (std::size_t i = 0; i < rates.size(); ++i) rates[i] /= scale_[i % channels];
  return rates;
}

Buffer<double> pick(std::span<const double> values, const std::vector<std::size_t>& chosen,
                    std::size_t width) {
  Buffer<double> picked(chosen.size() * width);
  for (std::size_t i = 0; i < chosen.size(); ++i)
    std::copy_n(values.data() + chosen[i] * width, width, picked.data() + i * width);
  return picked;
}

}  // namespace hypercast::forecast
