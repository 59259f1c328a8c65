#include "train/dataset.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/random.hpp"
#include "io/on_root.hpp"
#include "nn/dmd.hpp"
#include "train/batch.hpp"

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
                 const hyper::ModelFacts* normalised_as, const FramePlan& plan)
    : facts_(facts_of(list, options, condition)),
      split_(split_frames(list, options, condition)),
      observed_(std::move(observed)),
      trajectories_(static_cast<int>(list.pieces.size())),
      conditions_(conditions_of(list, condition)),
      plan_(plan),
      frames_(context, list, plan) {
  facts_.observed = observed_.rate;
  facts_.own_masks = observed_.own();
  facts_.mask_seed = observed_.seed;
  if (!normalised_as)
    for (const auto& parameter : facts_.parameters)
      if (!(parameter.scale > 0))
        throw UserError(Exit::data,
                        "[condition] parameters: '" + parameter.name +
                            "' is the same in all training trajectories: nothing can be learned from it");
  SharedArray<double> moments(context.node, conditions_.size() * facts_.channels.size() * 3);
  find_moments(context.node, moments);
  if (normalised_as) {
    facts_.mean = normalised_as->mean;
    facts_.scale = normalised_as->scale;
    facts_.parameters = normalised_as->parameters;
  } else {
    find_normalisation(moments.values(), options.scale == "common");
  }
  find_mean_squares(moments.values());
  frames_.normalise(facts_.mean, facts_.scale);
  for (std::size_t b = 0; b < list.pieces.size(); ++b)
    parameters_.push_back(hyper::parameters_of(facts_.parameters, list.parameters(b)));
}

namespace {

// Calls f(point) for those of a trajectory that are observed, in order.
template <class F>
void each_point(std::span<const std::uint32_t> observed, std::size_t points, F&& f) {
  if (observed.empty())
    for (std::size_t i = 0; i < points; ++i) f(i);
  for (const auto point : observed) f(point);
}

}  // namespace

double Dataset::observed_points(int trajectory) const {
  const auto points = observed(trajectory);
  return static_cast<double>(points.empty() ? facts_.points() : points.size());
}

// Of the observed values of each frame and channel: their sum, the sum of their squares, and that of the
// squares about their mean: [sample][channel][3].
void Dataset::find_moments(const Comm& node, SharedArray<double>& moments) {
  const std::size_t channels = facts_.channels.size();
  std::vector<int> all(conditions_.size());
  std::iota(all.begin(), all.end(), 0);
  frames_.visit(all, std::max<std::size_t>(1, plan_.room), [&](std::span<const int> part) {
    const Range mine = share_of(static_cast<std::int64_t>(part.size()), node.rank(), node.size());
    for (auto k = mine.begin; k < mine.end; ++k) {
      const auto frame = frames_[part[k]];
      const int b = trajectory(part[k]);
      for (std::size_t c = 0; c < channels; ++c) {
        double sum = 0, squares = 0, about_mean = 0;
        each_point(observed(b), facts_.points(), [&](std::size_t i) {
          const double value = frame[i * channels + c];
          sum += value;
          squares += value * value;
        });
        const double mean = sum / observed_points(b);
        each_point(observed(b), facts_.points(), [&](std::size_t i) {
          const double difference = frame[i * channels + c] - mean;
          about_mean += difference * difference;
        });
        const auto to = moments.values().subspan((part[k] * channels + c) * 3, 3);
        to[0] = sum, to[1] = squares, to[2] = about_mean;
      }
    }
  });
  moments.sync();
}

// Mean and standard deviation per channel over the observed points of the fitted frames, in frame order.
void Dataset::find_normalisation(std::span<const double> moments, bool common_scale) {
  const std::size_t channels = facts_.channels.size();
  double count = 0;  // of values a channel
  for (int k : split_.fitted) count += observed_points(trajectory(k));
  double total = 0;  // variance of all channels
  for (std::size_t c = 0; c < channels; ++c) {
    double sum = 0, squares = 0;
    for (int k : split_.fitted) {
      sum += moments[(k * channels + c) * 3];
      squares += moments[(k * channels + c) * 3 + 1];
    }
    const double mean = sum / count, variance = squares / count - mean * mean;
    total += variance / static_cast<double>(channels);
    facts_.mean.push_back(mean);
    facts_.scale.push_back(variance > 1e-24 * (1 + mean * mean) ? std::sqrt(variance) : 1.0);
  }
  if (common_scale && total > 0) std::fill(facts_.scale.begin(), facts_.scale.end(), std::sqrt(total));
}

// Of normalised frames.
void Dataset::find_mean_squares(std::span<const double> moments) {
  const std::size_t channels = facts_.channels.size();
  for (int k = 0; k < static_cast<int>(conditions_.size()); ++k) {
    const double count = observed_points(trajectory(k));
    double squares = 0;
    for (std::size_t c = 0; c < channels; ++c) {
      const auto m = moments.subspan((k * channels + c) * 3, 3);
      const double shift = m[0] / count - facts_.mean[c];
      squares += (m[2] + count * shift * shift) / (facts_.scale[c] * facts_.scale[c]);
    }
    mean_squares_.push_back(squares / (count * static_cast<double>(channels)));
  }
}

std::vector<int> Dataset::fitted_in_memory() const {
  const auto& fitted = split_.fitted;
  if (!plan_.streamed() || plan_.room >= fitted.size()) return fitted;
  auto some = draw_frames(0, 0, static_cast<int>(plan_.room), static_cast<int>(fitted.size()));
  std::sort(some.begin(), some.end());
  for (int& k : some) k = fitted[k];
  return some;
}

void Dataset::find_rates(const Comm& comm, int most) {
  const auto& fitted = split_.fitted;
  const std::size_t each = fitted.size() / trajectories_, channels = facts_.channels.size();
  // The decomposition takes some forty bytes a value.
  const auto every = static_cast<std::uint32_t>(plan_.streamed() ? 1 + 10 * fitted.size() / plan_.room : 1);
  const Random random(0, Random::Purpose::points);
  const auto each_value = [&](int trajectory, auto&& f) {  // f(index of a value in its frame)
    std::size_t seen = 0;
    each_point(observed(trajectory), facts_.points(), [&](std::size_t point) {
      if (const auto k = seen++; k > 0 && random.below(every, k) != 0) return;
      for (std::size_t c = 0; c < channels; ++c) f(point * channels + c);
    });
  };
  std::vector<std::size_t> places{0};  // of the trajectories in a snapshot
  for (int b = 0; b < trajectories_; ++b) {
    places.push_back(places.back());
    each_value(b, [&](std::size_t) { ++places.back(); });
  }
  std::vector<double> snapshots(comm.is_root() ? each * places.back() : 0), times, rates;
  std::size_t at = 0;  // in `fitted`
  visit(fitted, 1, [&](std::span<const int> part) {
    for (const int sample : part) {
      const std::size_t b = at / each, k = at % each;
      ++at;
      if (b == 0) times.push_back(facts_.scaled(conditions_[sample]));
      if (!comm.is_root()) continue;
      double* to = snapshots.data() + k * places.back() + places[b];
      each_value(static_cast<int>(b), [&](std::size_t i) { *to++ = frame(sample)[i]; });
    }
  });
  io::on_root(comm, [&] {
    for (const auto rate : nn::dmd(snapshots, times, {most, 1e-6}).rates)
      rates.insert(rates.end(), {rate.real(), rate.imag()});
  });
  rates = comm.all_gather<double>(rates);
  for (std::size_t j = 0; j < rates.size(); j += 2)
    facts_.conditions.rates.emplace_back(rates[j], rates[j + 1]);
}

}  // namespace hypercast::train
