#include "train/leaves.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/random.hpp"
#include "train/batch.hpp"
#include "train/replicas.hpp"

namespace hypercast::train {

std::vector<Range> stretches(const std::vector<int>& counts) {
  std::vector<Range> ranges;
  std::int64_t at = 0;
  for (const int count : counts) {
    ranges.push_back({at, at + count});
    at += count;
  }
  return ranges;
}

int leaves_of(int frames, const TrainOptions& options) {
  return frames == 0 ? 0 : (frames - 1) / options.frames_per_leaf + 1;
}

int frames_of_step(const Dataset& data, const TrainOptions& options) {
  return std::min<int>(options.batch, static_cast<int>(data.split().fitted.size()));
}

Leaves::Leaves(const Comm& comm, const Dataset& data, const hyper::Model<float>& model,
               const TrainOptions& options)
    : data_(data),
      options_(options),
      inputs_(model.coordinates.inputs()),
      channels_(model.inr.channels()),
      grid_(model.facts.points() * inputs_),
      frames_(frames_of_step(data, options)),
      schedule_(options.seed, options.batch, static_cast<int>(data.split().fitted.size()),
                data.plan().blocks) {
  model.coordinates.embed<float>(hyper::grid_points(model.facts.axes), grid_);
  for (std::int64_t at = 0; at < frames_; at += options.frames_per_leaf)
    leaves_.push_back({at, std::min<std::int64_t>(at + options.frames_per_leaf, frames_)});
  share_out(comm);
}

namespace {

// Consecutive ranges as one.
template <class Part>
Range together(Range numbers, const Part& part) {
  return {part(numbers.begin).begin, part(numbers.end - 1).end};
}

}  // namespace

// To replicas, whose groups share them out among their ranks.
void Leaves::share_out(const Comm& comm) {
  const auto count = static_cast<std::int64_t>(leaves_.size());
  if (options_.replicas > count)
    throw UserError(Exit::data, fmt::format("[train] replicas: {} are more than the leaves of a batch, which "
                                            "are {} ({} frames by frames_per_leaf = {})",
                                            options_.replicas, count, frames_, options_.frames_per_leaf));
  const auto of_replica = [&](std::int64_t number) {
    return share_of(count, static_cast<int>(number), options_.replicas);
  };
  for (int r = 0; r < options_.replicas; ++r)
    replica_frames_.push_back(together(of_replica(r), [&](std::int64_t leaf) { return leaves_[leaf]; }));
  const int groups = groups_of(options_.replicas, comm.size()), ranks = comm.size() / groups;
  for (int rank = 0; rank < comm.size(); ++rank) {
    const Range all = together(share_of(options_.replicas, rank / ranks, groups), of_replica);
    const Range some = share_of(all.size(), rank % ranks, ranks);
    const Range share{all.begin + some.begin, all.begin + some.end};
    std::int64_t frames = 0;
    for (auto l = share.begin; l < share.end; ++l) frames += leaves_[l].size();
    frame_counts_.push_back(static_cast<int>(frames));
    leaf_counts_.push_back(static_cast<int>(share.size()));
    if (rank != comm.rank()) continue;
    mine_ = share;
    group_frames_ = together(all, [&](std::int64_t leaf) { return leaves_[leaf]; });
    group_ranks_ = {rank - rank % ranks, rank - rank % ranks + ranks};
  }
}

std::vector<Range> Leaves::group_stretches() const {
  return stretches({frame_counts_.begin() + group_ranks_.begin, frame_counts_.begin() + group_ranks_.end});
}

void Leaves::draw(std::int64_t step) {
  if (step != step_) data_.store().forget_beside();
  step_ = step;
  samples_.clear();
  data_.observed().own() ? draw_from_trajectories(step) : draw_from_window(step);
}

void Leaves::draw_from_window(std::int64_t step) {
  const auto& fitted = data_.split().fitted;
  for (const auto& stretch : schedule_.draw(step)) {
    const std::size_t earlier = samples_.size();
    for (const int k : stretch.frames) samples_.push_back(fitted[k]);
    if (std::all_of(samples_.begin() + earlier, samples_.end(), [&](int s) { return data_.store().has(s); }))
      continue;
    auto window = schedule_.frames_of(stretch.epoch, stretch.window);
    for (int& k : window) k = fitted[k];
    data_.store().load_window(window, std::span(samples_).first(earlier));
  }
}

void Leaves::draw_from_trajectories(std::int64_t step) {
  const auto& fitted = data_.split().fitted;
  const int each = static_cast<int>(fitted.size()) / data_.trajectories();  // fitted frames of a trajectory
  const auto trajectories =
      draw_frames(options_.seed, step, static_cast<int>(leaves_.size()), data_.trajectories());
  const Random random(options_.seed, Random::Purpose::frames, static_cast<std::uint32_t>(step));
  for (std::size_t l = 0; l < leaves_.size(); ++l) {
    const int b = trajectories[l % trajectories.size()];
    const int first = static_cast<int>(random.below(each, (1ull << 40) + l));
    for (int k = 0; k < leaves_[l].size(); ++k) samples_.push_back(fitted[b * each + (first + k) % each]);
  }
  if (!std::all_of(samples_.begin(), samples_.end(), [&](int s) { return data_.store().has(s); }))
    data_.store().load_beside(samples_);
}

float Leaves::weight(std::int64_t position) const {
  const double square =
      options_.loss == "relative" ? std::max(data_.mean_square(samples_[position]), 1e-12) : 1.0;
  return static_cast<float>(1 / (frames_ * square));
}

std::span<const float> Leaves::take_points(std::int64_t leaf) {
  const auto observed = data_.observed(data_.trajectory(samples_[leaves_[leaf].begin]));
  const auto total = observed.empty() ? grid_.size() / inputs_ : observed.size();
  points_ = draw_points(options_.seed, step_, static_cast<int>(leaf), options_.points,
                        static_cast<std::uint32_t>(total));
  if (points_.empty())
    points_.assign(observed.begin(), observed.end());
  else if (!observed.empty())
    for (auto& point : points_) point = observed[point];
  if (points_.empty()) return grid_;
  x_.resize(points_.size() * inputs_);
  for (std::size_t i = 0; i < points_.size(); ++i)
    std::copy_n(grid_.begin() + points_[i] * inputs_, inputs_, x_.begin() + i * inputs_);
  return x_;
}

std::span<const float> Leaves::take_targets(Range frames) {
  const std::size_t stride = frames.size() * channels_;
  const std::size_t count = points_.empty() ? grid_.size() / inputs_ : points_.size();
  targets_.resize(count * stride);
  for (auto t = frames.begin; t < frames.end; ++t) {
    const auto values = data_.frame(samples_[t]);
    float* to = targets_.data() + (t - frames.begin) * channels_;
    for (std::size_t i = 0; i < count; ++i, to += stride)
      std::copy_n(values.data() + (points_.empty() ? i : points_[i]) * channels_, channels_, to);
  }
  return targets_;
}

void warn_of_idle_ranks(const Context& context, const Leaves& leaves) {
  const auto& counts = leaves.leaf_counts();
  const auto idle = std::count(counts.begin(), counts.end(), 0);
  if (idle == 0 || !context.comm.is_root()) return;
  context.log.warn(
      "{} of {} ranks have no frames of a step: a batch of {} frames makes {} leaves; take fewer ranks, a "
      "larger "
      "[train] batch or fewer frames_per_leaf",
      idle, counts.size(), leaves.frames(), leaves.count());
}

}  // namespace hypercast::train
