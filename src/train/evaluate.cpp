#include "train/evaluate.hpp"

#include <cmath>

namespace hypercast::train {

double relative_l2(const Comm& comm, const Dataset& data, const hyper::Model<float>& model,
                   std::span<const float> phi, std::span<const int> samples) {
  const auto& facts = model.facts;
  const auto points = hyper::grid_points(facts.axes);
  const std::size_t inputs = model.coordinates.inputs(), channels = facts.channels.size();
  Buffer<float> grid(facts.points() * inputs), x, values;
  model.coordinates.embed<float>(points, grid);
  const auto error_of = [&](int sample) {
    const int trajectory = data.trajectory(sample);
    const auto observed = data.observed(trajectory);
    x.clear();
    for (const auto i : observed)
      x.insert(x.end(), grid.begin() + i * inputs, grid.begin() + (i + 1) * inputs);
    const auto& places = observed.empty() ? grid : x;
    values.resize(places.size() / inputs * channels);
    const auto c = model.condition(data.condition(sample), data.parameters(trajectory));
    model.inr.evaluate(model.hypernetwork.weights(phi, c), places, values);
    const auto truth = data.frame(sample);
    double error = 0, size = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::size_t channel = i % channels;
      const float expected = truth[observed.empty() ? i : observed[i / channels] * channels + channel];
      const double difference = facts.scale[channel] * (static_cast<double>(values[i]) - expected);
      const double value = facts.mean[channel] + facts.scale[channel] * expected;
      error += difference * difference;
      size += value * value;
    }
    return std::sqrt(size > 0 ? error / size : error);
  };
  double sum = 0;
  data.visit(samples, 1, [&](std::span<const int> part) {
    const Range mine = share_of(static_cast<std::int64_t>(part.size()), comm.rank(), comm.size());
    std::vector<double> errors;
    for (auto k = mine.begin; k < mine.end; ++k) errors.push_back(error_of(part[k]));
    for (double error : comm.all_gather<double>(errors)) sum += error;
  });
  return sum / static_cast<double>(samples.size());
}

}  // namespace hypercast::train
