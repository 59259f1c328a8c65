#include "train/frame_loss.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/random.hpp"
#include "train/batch.hpp"
#include "train/evaluate.hpp"

namespace hypercast::train {

namespace {

Buffer<float> embedded_grid(const hyper::Model<float>& model) {
  const auto points = hyper::grid_points(model.facts.axes);
  Buffer<float> inputs(points.size() / model.coordinates.dimensions() * model.coordinates.inputs());
  model.coordinates.embed<float>(points, inputs);
  return inputs;
}

}  // namespace

FrameLoss::FrameLoss(const Context& context, const Dataset& data, const hyper::Model<float>& model,
                     const TrainOptions& options)
    : context_(context),
      data_(data),
      model_(model),
      options_(options),
      grid_(embedded_grid(model)),
      frames_(std::min<int>(options.batch, static_cast<int>(data.split().fitted.size()))),
      pass_(model.inr, options.frames_per_leaf),
      tape_(model.hypernetwork.tape(frames_)) {
  for (int at = 0; at < frames_; at += options.frames_per_leaf)
    leaves_.push_back(
        {static_cast<int>(leaves_.size()), {at, std::min(at + options.frames_per_leaf, frames_)}});
  mine_ = share_of(static_cast<std::int64_t>(leaves_.size()), context.comm.rank(), context.comm.size());

  const auto& head = model.hypernetwork.head();
  const std::size_t width = model.hypernetwork.width();
  conditions_.resize(frames_ * model.hypernetwork.inputs());
  weights_.resize(frames_);
  h_.resize(frames_ * width);
  dh_.resize(h_.size());
  theta_.resize(options.frames_per_leaf * head.own());
  leaf_d_theta_.resize(theta_.size());
  leaf_d_shared_.resize(head.shared());
  leaf_losses_.resize(options.frames_per_leaf);
  d_theta_.resize(frames_ * head.own());
  all_d_shared_.resize(leaves_.size() * head.shared());
  d_shared_.resize(head.shared());
  losses_.resize(frames_);
  count_shares();
}

double FrameLoss::validate(std::span<const float> phi) {
  const auto& split = data_.split();
  return relative_l2(context_.comm, data_, model_, phi,
                     split.held_out.empty() ? split.fitted : split.held_out);
}

std::string FrameLoss::validated_on() const { return data_.split().held_out.empty() ? "fitted" : "held_out"; }

auto FrameLoss::rates() const -> std::vector<RateGroup> {
  const std::size_t encoder = model_.hypernetwork.encoder_params();
  return {{0, encoder, options_.encoder_rate}, {encoder, params(), 1}};
}

double FrameLoss::compute(std::int64_t step, std::span<const float> phi, std::span<float> d_phi) {
  draw_samples(step);
  const std::size_t inputs = model_.hypernetwork.inputs();
  for (int t = 0; t < frames_; ++t) {
    const int sample = samples_[t];
    const auto c = model_.condition(data_.condition(sample), data_.parameters(data_.trajectory(sample)));
    std::copy(c.begin(), c.end(), conditions_.begin() + t * inputs);
    const double square = options_.loss == "relative" ? std::max(data_.mean_square(sample), 1e-12) : 1.0;
    weights_[t] = static_cast<float>(1 / (frames_ * square));
  }
  const auto& hypernetwork = model_.hypernetwork;
  {
    const auto scope = context_.timers.scope("trunk");
    hypernetwork.embed(phi, conditions_, h_, tape_);
  }
  {
    const auto scope = context_.timers.scope("frames");
    my_d_theta_.clear();
    my_d_shared_.clear();
    my_losses_.clear();
    for (auto l = mine_.begin; l < mine_.end; ++l) run_leaf(step, leaves_[l], phi);
  }
  exchange();
  {
    const auto scope = context_.timers.scope("head and trunk backward");
    std::fill(d_phi.begin(), d_phi.end(), 0.0f);
    hypernetwork.head().backward(hypernetwork.head_part(phi), h_, d_theta_, d_shared_,
                                 hypernetwork.head_part(d_phi), dh_);
    hypernetwork.embed_backward(phi, conditions_, dh_, tape_, d_phi);
  }
  double loss = 0;
  for (int t = 0; t < frames_; ++t) loss += weights_[t] * losses_[t];
  return loss;
}

// Where every trajectory has points of its own, a leaf takes its frames from one trajectory.
void FrameLoss::draw_samples(std::int64_t step) {
  const auto& fitted = data_.split().fitted;
  if (!data_.observed().own()) {
    samples_ = draw_frames(options_.seed, step, options_.batch, static_cast<int>(fitted.size()));
    for (int& sample : samples_) sample = fitted[sample];
    return;
  }
  samples_.clear();
  const int each = static_cast<int>(fitted.size()) / data_.trajectories();  // fitted frames of a trajectory
  const auto trajectories =
      draw_frames(options_.seed, step, static_cast<int>(leaves_.size()), data_.trajectories());
  const Random random(options_.seed, Random::Purpose::frames, static_cast<std::uint32_t>(step));
  for (const auto& leaf : leaves_) {
    const auto count = static_cast<int>(leaf.frames.size());
    const int b = trajectories[leaf.index % trajectories.size()];
    const int first = static_cast<int>(random.below(each, (1ull << 40) + leaf.index));
    for (int k = 0; k < count; ++k) samples_.push_back(fitted[b * each + (first + k) % each]);
  }
}

void FrameLoss::run_leaf(std::int64_t step, const Leaf& leaf, std::span<const float> phi) {
  const auto& head = model_.hypernetwork.head();
  const std::size_t frames = leaf.frames.size(), own = head.own(), width = model_.hypernetwork.width();
  const std::size_t hidden = model_.inr.hidden();
  const auto h = std::span<const float>(h_).subspan(leaf.frames.begin * width, frames * width);
  const auto theta = std::span(theta_).first(frames * own);
  head.forward(model_.hypernetwork.head_part(phi), h, theta);

  const auto points = leaf_points(step, leaf);
  gather_points(points);
  const std::span<const float> x = points.empty() ? grid_ : x_;
  std::fill(leaf_d_theta_.begin(), leaf_d_theta_.end(), 0.0f);
  std::fill(leaf_d_shared_.begin(), leaf_d_shared_.end(), 0.0f);
  const auto losses = std::span(leaf_losses_).first(frames);
  const auto d_theta = std::span(leaf_d_theta_).first(frames * own);
  const auto weights = std::span<const float>(weights_).subspan(leaf.frames.begin, frames);

  if (head.shared() > 0) {
    gather_targets(points, leaf.frames);
    pass_.run({model_.hypernetwork.shared_part(phi), theta, x, targets_, weights}, losses, leaf_d_shared_,
              d_theta);
  }
  for (std::size_t f = 0; f < frames && head.shared() == 0; ++f) {
    const auto mine = theta.subspan(f * own, own), d_mine = d_theta.subspan(f * own, own);
    const auto frame = leaf.frames.begin + static_cast<std::int64_t>(f);
    gather_targets(points, {frame, frame + 1});
    pass_.run({mine.first(hidden), mine.subspan(hidden), x, targets_, weights.subspan(f, 1)},
              losses.subspan(f, 1), d_mine.first(hidden), d_mine.subspan(hidden));
  }
  my_losses_.insert(my_losses_.end(), losses.begin(), losses.end());
  my_d_theta_.insert(my_d_theta_.end(), d_theta.begin(), d_theta.end());
  my_d_shared_.insert(my_d_shared_.end(), leaf_d_shared_.begin(), leaf_d_shared_.end());
}

// Empty: all points of the grid.
std::vector<std::uint32_t> FrameLoss::leaf_points(std::int64_t step, const Leaf& leaf) const {
  const auto observed = data_.observed(data_.trajectory(samples_[leaf.frames.begin]));
  const auto total = observed.empty() ? model_.facts.points() : observed.size();
  auto points =
      draw_points(options_.seed, step, leaf.index, options_.points, static_cast<std::uint32_t>(total));
  if (observed.empty()) return points;
  if (points.empty()) return {observed.begin(), observed.end()};
  for (auto& point : points) point = observed[point];
  return points;
}

void FrameLoss::gather_points(std::span<const std::uint32_t> points) {
  const std::size_t inputs = model_.coordinates.inputs();
  x_.resize(points.size() * inputs);
  for (std::size_t i = 0; i < points.size(); ++i)
    std::copy_n(grid_.begin() + points[i] * inputs, inputs, x_.begin() + i * inputs);
}

// targets[point][frame][channel]
void FrameLoss::gather_targets(std::span<const std::uint32_t> points, Range frames) {
  const std::size_t channels = model_.inr.channels(), stride = frames.size() * channels;
  const std::size_t count = points.empty() ? model_.facts.points() : points.size();
  targets_.resize(count * stride);
  for (auto t = frames.begin; t < frames.end; ++t) {
    const auto values = data_.frame(samples_[t]);
    float* to = targets_.data() + (t - frames.begin) * channels;
    for (std::size_t i = 0; i < count; ++i, to += stride)
      std::copy_n(values.data() + (points.empty() ? i : points[i]) * channels, channels, to);
  }
}

// How much each rank contributes to the three gathers.
void FrameLoss::count_shares() {
  const Comm& comm = context_.comm;
  const auto& head = model_.hypernetwork.head();
  const auto leaves = static_cast<std::int64_t>(leaves_.size());
  const std::int64_t most = std::max<std::int64_t>(frames_ * head.own(), leaves * head.shared());
  if (most > std::numeric_limits<int>::max())
    throw UserError(Exit::data,
                    fmt::format("[train] batch: {} frames times {} weights are more than one message of "
                                "MPI can hold",
                                frames_, head.own()));
  for (int r = 0; r < comm.size(); ++r) {
    const Range range = share_of(leaves, r, comm.size());
    int frames = 0;
    for (auto l = range.begin; l < range.end; ++l) frames += static_cast<int>(leaves_[l].frames.size());
    frame_counts_.push_back(frames);
    own_counts_.push_back(frames * static_cast<int>(head.own()));
    shared_counts_.push_back(static_cast<int>(range.size() * head.shared()));
  }
}

void FrameLoss::exchange() {
  const auto scope = context_.timers.scope("exchange");
  const Comm& comm = context_.comm;
  comm.all_gather<double>(my_losses_, losses_, frame_counts_);
  comm.all_gather<float>(my_d_theta_, d_theta_, own_counts_);
  if (d_shared_.empty()) return;
  comm.all_gather<float>(my_d_shared_, all_d_shared_, shared_counts_);
  std::fill(d_shared_.begin(), d_shared_.end(), 0.0f);
  for (std::size_t l = 0; l < leaves_.size(); ++l)
    for (std::size_t i = 0; i < d_shared_.size(); ++i)
      d_shared_[i] += all_d_shared_[l * d_shared_.size() + i];
}

}  // namespace hypercast::train
