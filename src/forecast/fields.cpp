#include "forecast/fields.hpp"

#include <algorithm>
#include <cmath>

namespace hypercast::forecast {

Fields::Fields(const hyper::Model<float>& model, WeightPath& path, std::span<const double> points)
    : model_(model),
      path_(path),
      x_(points.size() / model.coordinates.dimensions() * model.coordinates.inputs()),
      one_(points.size() / model.coordinates.dimensions() * model.inr.channels()) {
  model.coordinates.embed<float>(points, x_);
}

void Fields::member(int trajectory, int member, double t, std::span<float> values) {
  model_.inr.evaluate(path_.weights(trajectory, member, t), x_, values);
  const auto& [mean, scale] = std::tie(model_.facts.mean, model_.facts.scale);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>(mean[i % mean.size()] + scale[i % mean.size()] * values[i]);
}

void Fields::forecast(int trajectory, double t, std::span<float> values) {
  member(trajectory, 0, t, values);
  const int members = path_.members();
  for (int m = 1; m < members; ++m) {
    member(trajectory, m, t, one_);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] += one_[i];
  }
  if (members > 1)
    for (float& value : values) value /= static_cast<float>(members);
}

// The unbiased standard deviation over the members.
void Fields::spread(int trajectory, double t, std::span<float> values) {
  const int members = path_.members();
  std::vector<double> squares(values.size());
  Buffer<float> centre(values.size());
  forecast(trajectory, t, centre);
  for (int m = 0; m < members; ++m) {
    member(trajectory, m, t, one_);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double away = static_cast<double>(one_[i]) - centre[i];
      squares[i] += away * away;
    }
  }
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>(std::sqrt(squares[i] / std::max(1, members - 1)));
}

double Fields::bounded_until(int trajectory) const {
  double until = std::numeric_limits<double>::infinity();
  for (int m = 0; m < path_.members(); ++m) until = std::min(until, path_.bounded_until(trajectory, m));
  return until;
}

}  // namespace hypercast::forecast
