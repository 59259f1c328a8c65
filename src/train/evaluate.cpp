#include "train/evaluate.hpp"

#include <cmath>

namespace hypercast::train {

FrameError::FrameError(const Dataset& data, const hyper::Model<float>& model)
    : data_(data), model_(model), grid_(model.facts.points() * model.coordinates.inputs()) {
  model.coordinates.embed<float>(hyper::grid_points(model.facts.axes), grid_);
}

double FrameError::of(std::span<const float> theta, int sample) {
  const auto& facts = model_.facts;
  const std::size_t inputs = model_.coordinates.inputs(), channels = facts.channels.size();
  const auto observed = data_.observed(data_.trajectory(sample));
  x_.clear();
  for (const auto i : observed)
    x_.insert(x_.end(), grid_.begin() + i * inputs, grid_.begin() + (i + 1) * inputs);
  const auto& places = observed.empty() ? grid_ : x_;
  values_.resize(places.size() / inputs * channels);
  model_.inr.evaluate(theta, places, values_);
  const auto truth = data_.frame(sample);
  double error = 0, size = 0;
  for (std::size_t i = 0; i < values_.size(); ++i) {
    const std::size_t channel = i % channels;
    const float expected = truth[observed.empty() ? i : observed[i / channels] * channels + channel];
    const double difference = facts.scale[channel] * (static_cast<double>(values_[i]) - expected);
    const double value = facts.mean[channel] + facts.scale[channel] * expected;
    error += difference * difference;
    size += value * value;
  }
  return std::sqrt(size > 0 ? error / size : error);
}

}  // namespace hypercast::train
