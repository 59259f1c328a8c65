#include "train/dataset.hpp"

#include <fmt/format.h>

#include <cmath>

#include "nn/dmd.hpp"

namespace hypercast::train {

hyper::FrameList window_frames(const Comm& comm, const std::filesystem::path& folder,
                               const DataOptions& options, hyper::Condition condition) {
  auto list = hyper::find_frames(comm, folder, condition, options.trajectory);
  if (condition == hyper::Condition::time && options.window_frames > 0) {
    auto& piece = list.pieces.front();
    if (options.window_frames > piece.count)
      throw UserError(Exit::data,
                      fmt::format("[data] window_frames = {} but {} holds {} frames", options.window_frames,
                                  list.files[piece.file].path.string(), piece.count));
    piece.count = options.window_frames;
    list.conditions.resize(options.window_frames);
  }
  if (split_frames(static_cast<int>(list.conditions.size()), options, condition).fitted.empty())
    throw UserError(Exit::data, "[data] hold_out_every leaves no frame to train on");
  return list;
}

Split split_frames(int count, const DataOptions& options, hyper::Condition condition) {
  const int every = condition == hyper::Condition::time ? options.hold_out_every : 0;
  Split split;
  for (int k = 0; k < count; ++k)
    (every > 0 && k % every == options.hold_out_offset ? split.held_out : split.fitted).push_back(k);
  return split;
}

hyper::ModelFacts facts_of(const hyper::FrameList& list, const DataOptions& options,
                           hyper::Condition condition) {
  const auto& conditions = list.conditions;
  hyper::ModelFacts facts;
  facts.dataset_name = list.layout.dataset_name;
  facts.channels = list.layout.channels;
  facts.axes = list.layout.axes;
  facts.window_start = conditions.front();
  facts.window_end = conditions.back();
  facts.frame_interval = conditions.size() > 1 ? conditions[1] - conditions[0] : 0;
  facts.trajectory = options.trajectory;
  facts.condition = condition;
  facts.conditions.count = conditions.size();
  const Split split = split_frames(static_cast<int>(conditions.size()), options, condition);
  for (int k : split.fitted) facts.train_times.push_back(conditions[k]);
  for (int k : split.held_out) facts.held_out_times.push_back(conditions[k]);
  return facts;
}

Dataset::Dataset(const Context& context, const hyper::FrameList& list, const DataOptions& options,
                 hyper::Condition condition)
    : facts_(facts_of(list, options, condition)),
      split_(split_frames(static_cast<int>(list.conditions.size()), options, condition)),
      conditions_(list.conditions),
      frames_(context, list) {
  normalise(context.node);
}

// Mean and standard deviation per channel over the fitted frames, in frame order, then the values in place.
void Dataset::normalise(const Comm& node) {
  const std::size_t channels = facts_.channels.size(), samples = conditions_.size();
  SharedArray<double> sums(node, samples * channels * 2);
  const Range mine = share_of(static_cast<std::int64_t>(samples), node.rank(), node.size());
  for (auto k = mine.begin; k < mine.end; ++k) {
    double* sum = sums.values().data() + k * channels * 2;
    for (std::size_t i = 0; i < frame_size(); ++i) {
      const double value = frames_[k][i];
      sum[2 * (i % channels)] += value;
      sum[2 * (i % channels) + 1] += value * value;
    }
  }
  sums.sync();
  const double count = static_cast<double>(split_.fitted.size() * (frame_size() / channels));
  for (std::size_t c = 0; c < channels; ++c) {
    double sum = 0, squares = 0;
    for (int k : split_.fitted) {
      sum += sums.values()[(k * channels + c) * 2];
      squares += sums.values()[(k * channels + c) * 2 + 1];
    }
    const double mean = sum / count, variance = squares / count - mean * mean;
    facts_.mean.push_back(mean);
    facts_.scale.push_back(variance > 1e-24 * (1 + mean * mean) ? std::sqrt(variance) : 1.0);
  }
  for (auto k = mine.begin; k < mine.end; ++k)
    for (std::size_t i = 0; i < frame_size(); ++i) {
      float& value = frames_[k][i];
      value = static_cast<float>((value - facts_.mean[i % channels]) / facts_.scale[i % channels]);
    }
  frames_.sync();
  for (std::size_t k = 0; k < samples; ++k) {
    double sum = 0;
    for (const float value : frame(static_cast<int>(k))) sum += static_cast<double>(value) * value;
    mean_squares_.push_back(sum / static_cast<double>(frame_size()));
  }
}

void Dataset::find_rates(int most) {
  std::vector<double> snapshots, times;
  for (int k : split_.fitted) {
    const auto values = frame(k);
    snapshots.insert(snapshots.end(), values.begin(), values.end());
    times.push_back(facts_.scaled(conditions_[k]));
  }
  facts_.conditions.rates = nn::dmd(snapshots, times, {most, 1e-6}).rates;
}

}  // namespace hypercast::train
