#include "train/frame_loss.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "train/evaluate.hpp"

namespace hypercast::train {

FrameLoss::FrameLoss(const Context& context, const Dataset& data, const hyper::Model<float>& model,
                     const TrainOptions& options)
    : context_(context),
      data_(data),
      model_(model),
      options_(options),
      leaves_(context.comm, data, model, options),
      pass_(model.inr, options.frames_per_leaf),
      tape_(model.hypernetwork.tape(leaves_.frames())) {
  const auto& head = model.hypernetwork.head();
  const std::size_t width = model.hypernetwork.width(), frames = leaves_.frames();
  conditions_.resize(frames * model.hypernetwork.inputs());
  weights_.resize(frames);
  h_.resize(frames * width);
  dh_.resize(h_.size());
  theta_.resize(options.frames_per_leaf * head.own());
  leaf_d_theta_.resize(theta_.size());
  leaf_d_shared_.resize(head.shared());
  leaf_losses_.resize(options.frames_per_leaf);
  d_theta_.resize(frames * head.own());
  all_d_shared_.resize(leaves_.count() * head.shared());
  d_shared_.resize(head.shared());
  losses_.resize(frames);
  count_shares();
}

double FrameLoss::validate(std::span<const float> phi) {
  const auto& split = data_.split();
  std::vector<int> samples = split.held_out.empty() ? split.fitted : split.held_out;
  constexpr std::size_t enough = 128;  // of the frames of an ensemble
  if (data_.facts().condition == hyper::Condition::code && samples.size() > enough) {
    for (std::size_t k = 0; k < enough; ++k) samples[k] = samples[k * samples.size() / enough];
    samples.resize(enough);
  }
  return relative_l2(context_.comm, data_, model_, phi, samples);
}

std::string FrameLoss::validated_on() const { return data_.split().held_out.empty() ? "fitted" : "held_out"; }

auto FrameLoss::rates() const -> std::vector<RateGroup> {
  const std::size_t encoder = model_.hypernetwork.encoder_params();
  return {{0, encoder, options_.encoder_rate}, {encoder, params(), 1}};
}

double FrameLoss::compute(std::int64_t step, std::span<const float> phi, std::span<float> d_phi) {
  leaves_.draw(step);
  const std::size_t inputs = model_.hypernetwork.inputs();
  for (int t = 0; t < leaves_.frames(); ++t) {
    const int sample = leaves_.sample(t);
    const auto c = model_.condition(data_.condition(sample), data_.parameters(data_.trajectory(sample)));
    std::copy(c.begin(), c.end(), conditions_.begin() + t * inputs);
    weights_[t] = leaves_.weight(t);
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
    for (auto l = leaves_.mine().begin; l < leaves_.mine().end; ++l) run_leaf(l, phi);
  }
  exchange();
  {
    const auto scope = context_.timers.scope("head and trunk backward");
    std::fill(d_phi.begin(), d_phi.end(), 0.0f);
    hypernetwork.head().backward(hypernetwork.head_part(phi), h_, d_theta_, d_shared_,
                                 hypernetwork.head_part(d_phi), dh_);
    hypernetwork.embed_backward(conditions_, dh_, tape_, d_phi);
  }
  double loss = 0;
  for (int t = 0; t < leaves_.frames(); ++t) loss += weights_[t] * losses_[t];
  return loss;
}

void FrameLoss::run_leaf(std::int64_t leaf, std::span<const float> phi) {
  const auto& head = model_.hypernetwork.head();
  const Range batch = leaves_.frames_of(leaf);
  const std::size_t frames = batch.size(), own = head.own(), width = model_.hypernetwork.width();
  const std::size_t hidden = model_.inr.hidden();
  const auto h = std::span<const float>(h_).subspan(batch.begin * width, frames * width);
  const auto theta = std::span(theta_).first(frames * own);
  head.forward(model_.hypernetwork.head_part(phi), h, theta);

  const auto x = leaves_.take_points(leaf);
  std::fill(leaf_d_theta_.begin(), leaf_d_theta_.end(), 0.0f);
  std::fill(leaf_d_shared_.begin(), leaf_d_shared_.end(), 0.0f);
  const auto losses = std::span(leaf_losses_).first(frames);
  const auto d_theta = std::span(leaf_d_theta_).first(frames * own);
  const auto weights = std::span<const float>(weights_).subspan(batch.begin, frames);

  if (head.shared() > 0) {
    const auto targets = leaves_.take_targets(batch);
    pass_.run({model_.hypernetwork.shared_part(phi), theta, x, targets, weights}, losses, leaf_d_shared_,
              d_theta);
  }
  for (std::size_t f = 0; f < frames && head.shared() == 0; ++f) {
    const auto mine = theta.subspan(f * own, own), d_mine = d_theta.subspan(f * own, own);
    const auto frame = batch.begin + static_cast<std::int64_t>(f);
    const auto targets = leaves_.take_targets({frame, frame + 1});
    pass_.run({mine.first(hidden), mine.subspan(hidden), x, targets, weights.subspan(f, 1)},
              losses.subspan(f, 1), d_mine.first(hidden), d_mine.subspan(hidden));
  }
  my_losses_.insert(my_losses_.end(), losses.begin(), losses.end());
  my_d_theta_.insert(my_d_theta_.end(), d_theta.begin(), d_theta.end());
  my_d_shared_.insert(my_d_shared_.end(), leaf_d_shared_.begin(), leaf_d_shared_.end());
}

// How much each rank contributes to the three gathers.
void FrameLoss::count_shares() {
  const auto& head = model_.hypernetwork.head();
  const std::int64_t most =
      std::max<std::int64_t>(leaves_.frames() * head.own(), leaves_.count() * head.shared());
  if (most > std::numeric_limits<int>::max())
    throw UserError(Exit::data,
                    fmt::format("[train] batch: {} frames times {} weights are more than one message of "
                                "MPI can hold",
                                leaves_.frames(), head.own()));
  for (const int frames : leaves_.frame_counts())
    own_counts_.push_back(frames * static_cast<int>(head.own()));
  for (const int leaves : leaves_.leaf_counts())
    shared_counts_.push_back(leaves * static_cast<int>(head.shared()));
}

void FrameLoss::exchange() {
  const auto scope = context_.timers.scope("exchange");
  const Comm& comm = context_.comm;
  comm.all_gather<double>(my_losses_, losses_, leaves_.frame_counts());
  comm.all_gather<float>(my_d_theta_, d_theta_, own_counts_);
  if (d_shared_.empty()) return;
  comm.all_gather<float>(my_d_shared_, all_d_shared_, shared_counts_);
  std::fill(d_shared_.begin(), d_shared_.end(), 0.0f);
  for (std::size_t l = 0; l < leaves_.count(); ++l)
    for (std::size_t i = 0; i < d_shared_.size(); ++i)
      d_shared_[i] += all_d_shared_[l * d_shared_.size() + i];
}

}  // namespace hypercast::train
