#include "train/dataset.hpp"

#include <fmt/format.h>

#include <cmath>

#include "nn/dmd.hpp"

namespace hypercast::train {

namespace fs = std::filesystem;

// Where each sample comes from.
struct Dataset::Source {
  struct Piece {
    fs::path file;
    int trajectory;
    Range frames;  // of that trajectory; they become consecutive samples
  };
  io::TrajectoryLayout layout;  // of the first file
  std::vector<Piece> pieces;
  int samples = 0;
};

Split split_frames(int count, const DataOptions& options) {
  Split split;
  for (int k = 0; k < count; ++k) {
    const bool out = options.hold_out_every > 0 && k % options.hold_out_every == options.hold_out_offset;
    (out ? split.held_out : split.fitted).push_back(k);
  }
  return split;
}

namespace {

int window_of(const io::TrajectoryLayout& layout, const DataOptions& options, const fs::path& file) {
  const int frames = static_cast<int>(layout.times.size());
  if (options.window_frames > frames)
    throw UserError(Exit::data, fmt::format("[data] window_frames = {} but {} holds {} frames",
                                            options.window_frames, file.string(), frames));
  return options.window_frames == 0 ? frames : options.window_frames;
}

void check_same(const io::TrajectoryLayout& first, const io::TrajectoryLayout& other, const fs::path& file) {
  if (first.channels != other.channels || first.points() != other.points())
    throw UserError(Exit::data, file.string() + ": fields or grid differ from those of the first file");
}

}  // namespace

Dataset::Source Dataset::find(const Context& context, const fs::path& folder, const DataOptions& options,
                              hyper::Condition condition) {
  Source source;
  int seen = 0;
  for (const auto& file : io::trajectory_files(context.comm, folder)) {
    const auto layout = io::TrajectoryReader(context.comm, file).layout();
    if (seen == 0) source.layout = layout;
    check_same(source.layout, layout, file);
    for (int b = 0; b < layout.trajectories; ++b, ++seen) {
      const bool all = condition == hyper::Condition::index;
      if (!all && seen != options.trajectory) continue;
      const Range frames{0, all ? 1 : window_of(layout, options, file)};
      if (!all) source.layout = layout;
      source.pieces.push_back({file, b, frames});
      source.samples += static_cast<int>(frames.size());
    }
  }
  if (source.pieces.empty())
    throw UserError(Exit::data, fmt::format("[data] trajectory = {} but {} holds {} trajectories",
                                            options.trajectory, folder.string(), seen));
  return source;
}

Dataset::Dataset(const Context& context, const fs::path& folder, const DataOptions& options,
                 hyper::Condition condition)
    : Dataset(context, find(context, folder, options, condition), options, condition) {}

Dataset::Dataset(const Context& context, Source source, const DataOptions& options,
                 hyper::Condition condition)
    : frame_size_(source.layout.frame_size()), values_(context.node, source.samples * frame_size_) {
  const bool timed = condition == hyper::Condition::time;
  DataOptions none = options;
  none.hold_out_every = 0;
  split_ = split_frames(source.samples, timed ? options : none);
  if (split_.fitted.empty()) throw UserError(Exit::data, "[data] hold_out_every leaves no frame to train on");
  const auto& times = source.layout.times;
  for (int k = 0; k < source.samples; ++k) conditions_.push_back(timed ? times[k] : k);

  facts_.dataset_name = source.layout.dataset_name;
  facts_.channels = source.layout.channels;
  facts_.axes = source.layout.axes;
  facts_.window_start = conditions_.front();
  facts_.window_end = source.samples > 1 ? conditions_.back() : conditions_.front() + 1;
  facts_.frame_interval = source.samples > 1 ? conditions_[1] - conditions_[0] : 0;
  facts_.trajectory = options.trajectory;
  facts_.condition = condition;
  facts_.conditions.count = conditions_.size();
  for (int k : split_.fitted) facts_.train_times.push_back(conditions_[k]);
  for (int k : split_.held_out) facts_.held_out_times.push_back(conditions_[k]);

  read(context, source);
  normalise(context.node);
}

// Each rank of a node reads its share of every piece; every node reads everything.
void Dataset::read(const Context& context, const Source& source) {
  std::int64_t sample = 0;
  for (const auto& piece : source.pieces) {
    const io::TrajectoryReader reader(context.comm, piece.file);
    const Range mine = share_of(piece.frames.size(), context.node.rank(), context.node.size());
    const auto target =
        values_.values().subspan((sample + mine.begin) * frame_size_, mine.size() * frame_size_);
    reader.read(piece.trajectory, {piece.frames.begin + mine.begin, piece.frames.begin + mine.end}, target);
    sample += piece.frames.size();
  }
  values_.sync();
}

// Mean and standard deviation per channel over the fitted frames, in frame order, then the values in place.
void Dataset::normalise(const Comm& node) {
  const std::size_t channels = facts_.channels.size(), samples = conditions_.size();
  SharedArray<double> sums(node, samples * channels * 2);
  const Range mine = share_of(static_cast<std::int64_t>(samples), node.rank(), node.size());
  for (auto k = mine.begin; k < mine.end; ++k) {
    double* sum = sums.values().data() + k * channels * 2;
    for (std::size_t i = 0; i < frame_size_; ++i) {
      const double value = values_.values()[k * frame_size_ + i];
      sum[2 * (i % channels)] += value;
      sum[2 * (i % channels) + 1] += value * value;
    }
  }
  sums.sync();
  const double count = static_cast<double>(split_.fitted.size() * (frame_size_ / channels));
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
    for (std::size_t i = 0; i < frame_size_; ++i) {
      float& value = values_.values()[k * frame_size_ + i];
      value = static_cast<float>((value - facts_.mean[i % channels]) / facts_.scale[i % channels]);
    }
  values_.sync();
  for (std::size_t k = 0; k < samples; ++k) {
    double sum = 0;
    for (const float value : frame(static_cast<int>(k))) sum += static_cast<double>(value) * value;
    mean_squares_.push_back(sum / static_cast<double>(frame_size_));
  }
}

void Dataset::find_rates(int most) {
  std::vector<double> snapshots, times;
  for (int k : split_.fitted) {
    const auto values = frame(k);
    snapshots.insert(snapshots.end(), values.begin(), values.end());
    times.push_back((conditions_[k] - facts_.window_start) / (facts_.window_end - facts_.window_start));
  }
  facts_.conditions.rates = nn::dmd(snapshots, times, {most, 1e-6}).rates;
}

}  // namespace hypercast::train
