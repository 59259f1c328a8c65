#include "train/projection.hpp"

#include <algorithm>
#include <cmath>

namespace hypercast::train {

Projection::Projection(const Context& context, const Dataset& data, const Dataset* valid,
                       const hyper::Model<float>& model, const TrainOptions& options)
    : SmallObjective(context.comm, model.inr.hidden()),
      context_(context),
      data_(data),
      valid_(valid),
      model_(model),
      leaves_(context.comm, data, model, options),
      pass_(model.inr, leaves_.largest()),
      fit_(model.inr),
      readouts_(leaves_.largest() * model.inr.readout()),
      d_readouts_(readouts_.size()),
      leaf_dw_(params()),
      leaf_sum_(static_cast<std::int64_t>(leaves_.count()), params()),
      leaf_losses_(leaves_.largest()),
      losses_(leaves_.frames()) {}

double Projection::compute(std::int64_t step, std::span<const float> w, std::span<float> dw) {
  leaves_.draw(step);
  my_losses_.clear();
  {
    const auto scope = context_.timers.scope("frames");
    for (auto l = leaves_.mine().begin; l < leaves_.mine().end; ++l) run_leaf(l, w);
  }
  const auto scope = context_.timers.scope("exchange");
  context_.comm.all_gather<double>(my_losses_, losses_, leaves_.frame_counts());
  leaf_sum_.total(context_.comm, dw);
  double loss = 0;
  for (int t = 0; t < leaves_.frames(); ++t) loss += leaves_.weight(t) * losses_[t];
  return loss;
}

void Projection::run_leaf(std::int64_t leaf, std::span<const float> w) {
  const Range batch = leaves_.frames_of(leaf);
  const std::size_t frames = batch.size();
  const auto x = leaves_.take_points(leaf);
  const auto targets = leaves_.take_targets(batch);
  const auto readouts = std::span(readouts_).first(frames * model_.inr.readout());
  fit_.solve(w, x, targets, readouts);
  Buffer<float> weights;
  for (auto t = batch.begin; t < batch.end; ++t) weights.push_back(leaves_.weight(t));
  std::fill(leaf_dw_.begin(), leaf_dw_.end(), 0.0f);
  const auto losses = std::span(leaf_losses_).first(frames);
  pass_.run({w, readouts, x, targets, weights}, losses, leaf_dw_,
            std::span(d_readouts_).first(readouts.size()));
  my_losses_.insert(my_losses_.end(), losses.begin(), losses.end());
  leaf_sum_.add(leaf, leaf_dw_);
}

double Projection::validate(std::span<const float> w) {
  const Dataset& data = valid_ ? *valid_ : data_;
  const auto& fitted = data.split().fitted;
  std::vector<int> samples(std::min<std::size_t>(64, fitted.size()));
  for (std::size_t k = 0; k < samples.size(); ++k) samples[k] = fitted[k * fitted.size() / samples.size()];
  Buffer<float> grid(model_.facts.points() * model_.inr.inputs());
  model_.coordinates.embed<float>(hyper::grid_points(model_.facts.axes), grid);
  std::vector<double> all;
  data.visit(samples, 1, [&](std::span<const int> part) {
    const Range mine =
        share_of(static_cast<std::int64_t>(part.size()), context_.comm.rank(), context_.comm.size());
    std::vector<double> errors;
    for (auto k = mine.begin; k < mine.end; ++k)
      if (const auto error = error_of(data, part[k], w, grid)) errors.push_back(*error);
    errors = context_.comm.all_gather<double>(errors);
    all.insert(all.end(), errors.begin(), errors.end());
  });
  double sum = 0;
  for (const double error : all) sum += error;
  return all.empty() ? 0 : sum / static_cast<double>(all.size());
}

// Nothing for a frame observed at too few points. `grid`: embedded coordinates of all points.
std::optional<double> Projection::error_of(const Dataset& data, int sample, std::span<const float> w,
                                           std::span<const float> grid) {
  const std::size_t inputs = model_.inr.inputs(), channels = model_.inr.channels();
  const auto frame = data.frame(sample);
  const auto observed = data.observed(data.trajectory(sample));
  const std::size_t points = observed.empty() ? model_.facts.points() : observed.size();
  Buffer<float> x, targets, places;
  std::vector<double> truth;
  for (std::size_t i = 0; i < points; ++i) {
    const std::size_t point = observed.empty() ? i : observed[i];
    auto& to = i % 4 == 3 ? places : x;
    to.insert(to.end(), grid.begin() + point * inputs, grid.begin() + (point + 1) * inputs);
    for (std::size_t c = 0; c < channels; ++c)
      if (i % 4 == 3)
        truth.push_back(frame[point * channels + c]);
      else
        targets.push_back(frame[point * channels + c]);
  }
  if (truth.empty()) return {};
  Buffer<float> readout(model_.inr.readout()), theta(w.begin(), w.end()), values(truth.size());
  fit_.solve(w, x, targets, readout);
  theta.insert(theta.end(), readout.begin(), readout.end());
  model_.inr.evaluate(theta, places, values);
  double error = 0, size = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    error += (values[i] - truth[i]) * (values[i] - truth[i]);
    size += truth[i] * truth[i];
  }
  return std::sqrt(size > 0 ? error / size : error);
}

}  // namespace hypercast::train
