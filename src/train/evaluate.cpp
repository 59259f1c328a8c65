#include "train/evaluate.hpp"

#include <cmath>

namespace hypercast::train {

double relative_l2(const Comm& comm, const Dataset& data, const hyper::Model<float>& model,
                   std::span<const float> phi, std::span<const int> samples) {
  const auto& facts = model.facts;
  const auto points = hyper::grid_points(facts.axes);
  Buffer<float> x(facts.points() * model.coordinates.inputs()), values(data.frame_size());
  model.coordinates.embed<float>(points, x);
  const Range mine = share_of(static_cast<std::int64_t>(samples.size()), comm.rank(), comm.size());
  std::vector<double> errors;
  for (auto k = mine.begin; k < mine.end; ++k) {
    const float c = model.scaled(data.condition(samples[k]));
    model.inr.evaluate(model.hypernetwork.weights(phi, std::span(&c, 1)), x, values);
    const auto truth = data.frame(samples[k]);
    double error = 0, size = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::size_t channel = i % facts.channels.size();
      const double difference = facts.scale[channel] * (static_cast<double>(values[i]) - truth[i]);
      const double value = facts.mean[channel] + facts.scale[channel] * truth[i];
      error += difference * difference;
      size += value * value;
    }
    errors.push_back(std::sqrt(size > 0 ? error / size : error));
  }
  double sum = 0;
  for (double error : comm.all_gather<double>(errors)) sum += error;
  return sum / static_cast<double>(samples.size());
}

}  // namespace hypercast::train
