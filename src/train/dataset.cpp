#include "train/dataset.hpp"

#include <fmt/format.h>

#include <cmath>

#include "nn/dmd.hpp"

namespace hypercast::train {

hyper::FrameList window_frames(const Comm& comm, const std::filesystem::path& folder,
                               const DataOptions& options, hyper::Condition condition) {
  hyper::FrameChoice choice{options.trajectory, options.window_frames};
  if (condition == hyper::Condition::index) choice = {-1, 1};
  if (condition == hyper::Condition::code) choice.trajectory = -1;
  auto list = hyper::find_frames(comm, folder, choice);
  if (split_frames(list, options, condition).fitted.empty())
    throw UserError(Exit::data, "[data] hold_out_every leaves no frame to train on");
  return list;
}

std::vector<double> conditions_of(const hyper::FrameList& list, hyper::Condition condition) {
  std::vector<double> conditions;
  for (const auto& piece : list.pieces)
    for (const double t : list.times)
      conditions.push_back(condition == hyper::Condition::index ? piece.number : t);
  return conditions;
}

Split split_frames(const hyper::FrameList& list, const DataOptions& options, hyper::Condition condition) {
  const int every = condition == hyper::Condition::time ? options.hold_out_every : 0;
  const int frames = static_cast<int>(list.frames());
  Split split;
  for (int s = 0; s < static_cast<int>(list.samples()); ++s)
    (every > 0 && s % frames % every == options.hold_out_offset ? split.held_out : split.fitted).push_back(s);
  return split;
}

hyper::ModelFacts facts_of(const hyper::FrameList& list, const DataOptions& options,
                           hyper::Condition condition) {
  const bool index = condition == hyper::Condition::index;
  hyper::ModelFacts facts;
  facts.dataset_name = list.layout.dataset_name;
  facts.channels = list.layout.channels;
  facts.axes = list.layout.axes;
  // Of functions, the "times" are their numbers.
  const auto times = index ? conditions_of(list, condition) : list.times;
  facts.window_start = times.front();
  facts.window_end = times.back();
  facts.frame_interval = times.size() > 1 ? times[1] - times[0] : 0;
  facts.trajectory = options.trajectory;
  facts.condition = condition;
  facts.conditions.count = list.samples();
  const Split split = split_frames(list, options, condition);
  const auto count = static_cast<int>(times.size());  // what is held out is the same in all trajectories
  for (int k : split.fitted)
    if (k < count) facts.train_times.push_back(times[k]);
  for (int k : split.held_out)
    if (k < count) facts.held_out_times.push_back(times[k]);
  return facts;
}

Dataset::Dataset(const Context& context, const hyper::FrameList& list, const DataOptions& options,
                 hyper::Condition condition)
    : facts_(facts_of(list, options, condition)),
      split_(split_frames(list, options, condition)),
      conditions_(conditions_of(list, condition)),
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
