#include "train/dataset.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "nn/dmd.hpp"

namespace hypercast::train {

hyper::FrameList window_frames(const Comm& comm, const std::filesystem::path& folder,
                               const DataOptions& options, const hyper::Conditioning& condition) {
  hyper::FrameChoice choice{options.trajectory, options.window_frames};
  if (condition.kind == hyper::Condition::index) choice = {-1, 1};
  if (condition.kind == hyper::Condition::code || !condition.parameters.empty()) choice.trajectory = -1;
  auto list = hyper::find_frames(comm, folder, choice);
  if (split_frames(list, options, condition).fitted.empty())
    throw UserError(Exit::data, "[data] hold_out_every leaves no frame to train on");
  return list;
}

namespace {

double interval_of(const hyper::FrameList& list) {
  return list.times.size() > 1 ? list.times[1] - list.times[0] : 0;
}

// Why frames of one list are nothing to those who learned from the other; empty: they are.
std::string difference_of(const hyper::FrameList& list, const hyper::FrameList& other) {
  const auto& own = other.layout;
  if (auto text = hyper::layout_difference(own.channels, own.axes, list.layout); !text.empty()) return text;
  if (std::abs(interval_of(list) - interval_of(other)) > 1e-4 * interval_of(other))
    return "another time between frames";
  return "";
}

}  // namespace

hyper::FrameList take_validation(const Comm& comm, const std::filesystem::path& folder, int frames,
                                 hyper::FrameList& list) {
  if (hyper::is_there(comm, folder)) {
    auto found = hyper::find_frames(comm, folder, {-1, frames});
    if (const auto difference = difference_of(found, list); !difference.empty())
      throw UserError(Exit::data, folder.string() + " does not fit the training trajectories: " + difference);
    return found;
  }
  hyper::FrameList valid = list;
  const std::size_t count = list.pieces.size() < 2 ? 0 : (list.pieces.size() + 15) / 16;
  valid.pieces.assign(list.pieces.end() - static_cast<std::ptrdiff_t>(count), list.pieces.end());
  list.pieces.resize(list.pieces.size() - count);
  return valid;
}

std::vector<double> conditions_of(const hyper::FrameList& list, const hyper::Conditioning& condition) {
  std::vector<double> conditions;
  for (const auto& piece : list.pieces)
    for (const double t : list.times) {
      const auto sample = static_cast<double>(conditions.size());
      conditions.push_back(condition.kind == hyper::Condition::time    ? t
                           : condition.kind == hyper::Condition::index ? piece.number
                                                                       : sample);
    }
  return conditions;
}

namespace {

// Centre and half-width of each parameter over the trajectories.
std::vector<hyper::ConditionParameter> ranges_of(const hyper::FrameList& list,
                                                 const std::vector<std::string>& names) {
  std::vector<hyper::ConditionParameter> parameters;
  for (const auto& name : names) parameters.push_back({name, 0, 1});
  std::vector<double> least(names.size(), INFINITY), most(names.size(), -INFINITY);
  for (std::size_t b = 0; b < list.pieces.size(); ++b) {
    const auto values = hyper::parameters_of(parameters, list.parameters(b));
    for (std::size_t i = 0; i < names.size(); ++i) {
      least[i] = std::min(least[i], values[i]);
      most[i] = std::max(most[i], values[i]);
    }
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    parameters[i].centre = (least[i] + most[i]) / 2;
    parameters[i].scale = (most[i] - least[i]) / 2;  // 0: it does not vary
  }
  return parameters;
}

}  // namespace

Split split_frames(const hyper::FrameList& list, const DataOptions& options,
                   const hyper::Conditioning& condition) {
  const int every = condition.kind == hyper::Condition::time ? options.hold_out_every : 0;
  const int frames = static_cast<int>(list.frames());
  Split split;
  for (int s = 0; s < static_cast<int>(list.samples()); ++s)
    (every > 0 && s % frames % every == options.hold_out_offset ? split.held_out : split.fitted).push_back(s);
  return split;
}

hyper::ModelFacts facts_of(const hyper::FrameList& list, const DataOptions& options,
                           const hyper::Conditioning& condition) {
  const bool index = condition.kind == hyper::Condition::index;
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
  facts.condition = condition.kind;
  facts.parameters = ranges_of(list, condition.parameters);
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
                 const hyper::Conditioning& condition, hyper::Observed observed,
                 const hyper::ModelFacts* normalised_as)
    : facts_(facts_of(list, options, condition)),
      split_(split_frames(list, options, condition)),
      observed_(std::move(observed)),
      trajectories_(static_cast<int>(list.pieces.size())),
      conditions_(conditions_of(list, condition)),
      frames_(context, list) {
  facts_.observed = observed_.rate;
  facts_.own_masks = observed_.own();
  facts_.mask_seed = observed_.seed;
  if (normalised_as) {
    facts_.mean = normalised_as->mean;
    facts_.scale = normalised_as->scale;
    facts_.parameters = normalised_as->parameters;
  } else {
    for (const auto& parameter : facts_.parameters)
      if (!(parameter.scale > 0))
        throw UserError(Exit::data,
                        "[condition] parameters: '" + parameter.name +
                            "' is the same in all training trajectories: nothing can be learned from it");
    find_normalisation(context.node, options.scale == "common");
  }
  for (std::size_t b = 0; b < list.pieces.size(); ++b)
    parameters_.push_back(hyper::parameters_of(facts_.parameters, list.parameters(b)));
  normalise(context.node);
}

namespace {

// Calls f(index of a value in its frame) for the observed ones, in order.
template <class F>
void each_observed(std::span<const std::uint32_t> points, std::size_t frame_size, std::size_t channels,
                   F&& f) {
  if (points.empty())
    for (std::size_t i = 0; i < frame_size; ++i) f(i);
  for (const auto point : points)
    for (std::size_t c = 0; c < channels; ++c) f(point * channels + c);
}

}  // namespace

// Mean and standard deviation per channel over the observed points of the fitted frames, in frame order.
void Dataset::find_normalisation(const Comm& node, bool common_scale) {
  const std::size_t channels = facts_.channels.size(), samples = conditions_.size();
  SharedArray<double> sums(node, samples * channels * 2);
  const Range mine = share_of(static_cast<std::int64_t>(samples), node.rank(), node.size());
  for (auto k = mine.begin; k < mine.end; ++k) {
    double* sum = sums.values().data() + k * channels * 2;
    each_observed(observed(trajectory(static_cast<int>(k))), frame_size(), channels, [&](std::size_t i) {
      const double value = frames_[k][i];
      sum[2 * (i % channels)] += value;
      sum[2 * (i % channels) + 1] += value * value;
    });
  }
  sums.sync();
  double count = 0;  // of values a channel
  for (int k : split_.fitted) {
    const auto points = observed(trajectory(k)).size();
    count += static_cast<double>(points > 0 ? points : frame_size() / channels);
  }
  double total = 0;  // variance of all channels
  for (std::size_t c = 0; c < channels; ++c) {
    double sum = 0, squares = 0;
    for (int k : split_.fitted) {
      sum += sums.values()[(k * channels + c) * 2];
      squares += sums.values()[(k * channels + c) * 2 + 1];
    }
    const double mean = sum / count, variance = squares / count - mean * mean;
    total += variance / static_cast<double>(channels);
    facts_.mean.push_back(mean);
    facts_.scale.push_back(variance > 1e-24 * (1 + mean * mean) ? std::sqrt(variance) : 1.0);
  }
  if (common_scale && total > 0) std::fill(facts_.scale.begin(), facts_.scale.end(), std::sqrt(total));
}

// All values in place.
void Dataset::normalise(const Comm& node) {
  const std::size_t channels = facts_.channels.size(), samples = conditions_.size();
  const Range mine = share_of(static_cast<std::int64_t>(samples), node.rank(), node.size());
  for (auto k = mine.begin; k < mine.end; ++k)
    for (std::size_t i = 0; i < frame_size(); ++i) {
      float& value = frames_[k][i];
      value = static_cast<float>((value - facts_.mean[i % channels]) / facts_.scale[i % channels]);
    }
  frames_.sync();
  for (int k = 0; k < static_cast<int>(samples); ++k) {
    double sum = 0, values = 0;
    each_observed(observed(trajectory(k)), frame_size(), channels, [&](std::size_t i) {
      sum += static_cast<double>(frame(k)[i]) * frame(k)[i];
      ++values;
    });
    mean_squares_.push_back(sum / values);
  }
}

void Dataset::find_rates(int most) {
  std::vector<double> snapshots, times;
  const auto each = static_cast<int>(split_.fitted.size()) / trajectories_;
  for (int k = 0; k < each; ++k) {
    for (int b = 0; b < trajectories_; ++b) {
      const int sample = split_.fitted[b * each + k];
      const auto values = frame(sample);
      each_observed(observed(b), frame_size(), facts_.channels.size(),
                    [&](std::size_t i) { snapshots.push_back(values[i]); });
    }
    times.push_back(facts_.scaled(conditions_[split_.fitted[k]]));
  }
  facts_.conditions.rates = nn::dmd(snapshots, times, {most, 1e-6}).rates;
}

}  // namespace hypercast::train
