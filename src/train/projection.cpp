#include "train/projection.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace hypercast::train {

Projection::Projection(const Context& context, const Dataset& data, const Dataset* valid,
                       const hyper::Model<float>& model, const TrainOptions& options)
    : SmallObjective(context.comm, model.inr.hidden()),
      context_(context),
      data_(data),
      valid_(valid),
      model_(model),
      options_(options),
      leaves_(context.comm, data, model, options),
      pass_(model.inr, options.frames_per_leaf),
      fit_(model.inr),
      readouts_(options.frames_per_leaf * model.inr.readout()),
      d_readouts_(readouts_.size()),
      leaf_dw_(params()),
      all_dw_(leaves_.count() * params()),
      leaf_losses_(options.frames_per_leaf),
      losses_(leaves_.frames()) {
  if (leaves_.count() * params() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    throw UserError(Exit::data,
                    "[train] batch: its leaves times the features' weights are more than one message of "
                    "MPI can hold");
  for (const int leaves : leaves_.leaf_counts()) counts_.push_back(leaves * static_cast<int>(params()));
}

double Projection::compute(std::int64_t step, std::span<const float> w, std::span<float> dw) {
  leaves_.draw(step);
  my_dw_.clear();
  my_losses_.clear();
  {
    const auto scope = context_.timers.scope("frames");
    for (auto l = leaves_.mine().begin; l < leaves_.mine().end; ++l) run_leaf(l, w);
  }
  const auto scope = context_.timers.scope("exchange");
  context_.comm.all_gather<double>(my_losses_, losses_, leaves_.frame_counts());
  context_.comm.all_gather<float>(my_dw_, all_dw_, counts_);
  std::fill(dw.begin(), dw.end(), 0.0f);
  for (std::size_t l = 0; l < leaves_.count(); ++l)
    for (std::size_t i = 0; i < dw.size(); ++i) dw[i] += all_dw_[l * dw.size() + i];
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
  my_dw_.insert(my_dw_.end(), leaf_dw_.begin(), leaf_dw_.end());
}

double Projection::validate(std::span<const float> w) {
  const Dataset& data = valid_ ? *valid_ : data_;
  const auto& fitted = data.split().fitted;
  const std::size_t inputs = model_.inr.inputs(), channels = model_.inr.channels();
  const std::size_t count = std::min<std::size_t>(64, fitted.size());
  Buffer<float> grid(model_.facts.points() * inputs);
  model_.coordinates.embed<float>(hyper::grid_points(model_.facts.axes), grid);
  const Range mine = share_of(static_cast<std::int64_t>(count), context_.comm.rank(), context_.comm.size());
  std::vector<double> errors;
  Buffer<float> x, targets, places, values, readout(model_.inr.readout()), theta(model_.inr.params());
  std::vector<double> truth;
  for (auto k = mine.begin; k < mine.end; ++k) {
    const int sample = fitted[k * fitted.size() / count];
    const auto frame = data.frame(sample);
    const auto observed = data.observed(data.trajectory(sample));
    const std::size_t points = observed.empty() ? model_.facts.points() : observed.size();
    x.clear(), targets.clear(), places.clear(), truth.clear();
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
    if (truth.empty()) continue;
    fit_.solve(w, x, targets, readout);
    std::copy(w.begin(), w.end(), theta.begin());
    std::copy(readout.begin(), readout.end(), theta.begin() + w.size());
    values.resize(truth.size());
    model_.inr.evaluate(theta, places, values);
    double error = 0, size = 0;
    for (std::size_t i = 0; i < truth.size(); ++i) {
      error += (values[i] - truth[i]) * (values[i] - truth[i]);
      size += truth[i] * truth[i];
    }
    errors.push_back(std::sqrt(size > 0 ? error / size : error));
  }
  double sum = 0;
  const auto all = context_.comm.all_gather<double>(errors);
  for (const double error : all) sum += error;
  return all.empty() ? 0 : sum / static_cast<double>(all.size());
}

}  // namespace hypercast::train
