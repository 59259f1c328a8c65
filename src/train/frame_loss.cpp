#include "train/frame_loss.hpp"

#include <algorithm>
#include <cmath>

#include "train/evaluate.hpp"

namespace hypercast::train {

FrameLoss::FrameLoss(const Context& context, const Dataset& data, const hyper::Model<float>& model,
                     const TrainOptions& options)
    : context_(context),
      data_(data),
      model_(model),
      options_(options),
      head_(model.hypernetwork.head()),
      leaves_(context.comm, data, model, options),
      replicas_(context, options.replicas),
      map_(context, model.hypernetwork, leaves_, replicas_),
      shards_(map_.shards()),
      pass_(model.inr, leaves_.largest()),
      trunk_(context, model.hypernetwork, leaves_, replicas_, options.trunk == "data_parallel"),
      leaf_sum_(static_cast<std::int64_t>(leaves_.count()), head_.fixed()) {
  check(head_.direct() || head_.shared() == 0, "a head that shares part of theta moves the rest directly");
  const std::size_t frames = leaves_.frames();
  conditions_.resize(frames * model.hypernetwork.inputs());
  weights_.resize(frames);
  h_.resize(frames * shards_.width);
  dh_.resize(h_.size());
  theta_.resize(leaves_.largest() * head_.own());
  d_theta_.resize(theta_.size());
  d_leaf_.resize(head_.fixed());
  d_small_.resize(shards_.replicated);
  leaf_losses_.resize(leaves_.largest());
  losses_.resize(frames);
}

std::span<const float> FrameLoss::fixed_of(std::span<const float> w) const {
  return shards_.small(w).last(head_.fixed());
}

std::span<const float> FrameLoss::group_h() const {
  const Range frames = leaves_.group_frames();
  return std::span(h_).subspan(frames.begin * shards_.width, frames.size() * shards_.width);
}

std::span<float> FrameLoss::group_dh() {
  return std::span(dh_).subspan(static_cast<std::size_t>(group_h().data() - h_.data()), group_h().size());
}

double FrameLoss::evaluate(std::int64_t step, std::span<const float> w) {
  went_back_ = false;
  leaves_.draw(step);
  const std::size_t inputs = model_.hypernetwork.inputs();
  for (int t = 0; t < leaves_.frames(); ++t) {
    const int sample = leaves_.sample(t);
    const auto c = model_.condition(data_.condition(sample), data_.parameters(data_.trajectory(sample)));
    std::copy(c.begin(), c.end(), conditions_.begin() + t * inputs);
    weights_[t] = leaves_.weight(t);
  }
  trunk_.forward(shards_.small(w), conditions_, h_);
  map_.forward(w, group_h());
  {
    const auto scope = context_.timers.scope("frames");
    my_losses_.clear();
    for (auto l = leaves_.mine().begin; l < leaves_.mine().end; ++l) run_leaf(l, w);
  }
  exchange();
  double loss = 0;
  for (int t = 0; t < leaves_.frames(); ++t) loss += weights_[t] * losses_[t];
  return loss;
}

void FrameLoss::run_leaf(std::int64_t leaf, std::span<const float> w) {
  const Range batch = leaves_.frames_of(leaf);
  const std::size_t frames = batch.size(), own = head_.own();
  const auto x = leaves_.take_points(leaf);
  std::fill(d_leaf_.begin(), d_leaf_.end(), 0.0f);
  const auto losses = std::span(leaf_losses_).first(frames);
  const auto weights = std::span<const float>(weights_).subspan(batch.begin, frames);
  if (head_.shared() == 0) {
    for (std::size_t f = 0; f < frames; ++f) {
      const auto t = batch.begin + static_cast<std::int64_t>(f);
      run_frame(t, x, w, losses.subspan(f, 1));
    }
  } else {
    const auto theta = std::span(theta_).first(frames * own),
               d_theta = std::span(d_theta_).first(frames * own);
    for (std::size_t f = 0; f < frames; ++f)
      std::copy_n(map_.moved(batch.begin + static_cast<std::int64_t>(f)), own, theta.data() + f * own);
    std::fill(d_theta.begin(), d_theta.end(), 0.0f);
    pass_.run({fixed_of(w), theta, x, leaves_.take_targets(batch), weights}, losses, d_leaf_, d_theta);
    for (std::size_t f = 0; f < frames; ++f)
      std::copy_n(d_theta.data() + f * own, own, map_.d_moved(batch.begin + static_cast<std::int64_t>(f)));
  }
  my_losses_.insert(my_losses_.end(), losses.begin(), losses.end());
  if (!d_leaf_.empty()) leaf_sum_.add(leaf, d_leaf_);
}

// A frame whose theta is all its own.
void FrameLoss::run_frame(std::int64_t t, std::span<const float> x, std::span<const float> w,
                          std::span<double> loss) {
  const std::size_t hidden = model_.inr.hidden(), own = head_.own();
  const std::span<const float> moved(map_.moved(t), head_.rows());
  const std::span<float> d_moved(map_.d_moved(t), head_.rows());
  const bool direct = head_.direct();
  if (!direct) head_.expand(fixed_of(w), moved, std::span(theta_).first(own));
  const auto theta = direct ? moved : std::span<const float>(theta_).first(own);
  const auto d_theta = direct ? d_moved : std::span(d_theta_).first(own);
  std::fill(d_theta.begin(), d_theta.end(), 0.0f);
  pass_.run({theta.first(hidden), theta.subspan(hidden), x, leaves_.take_targets({t, t + 1}),
             std::span<const float>(weights_).subspan(t, 1)},
            loss, d_theta.first(hidden), d_theta.subspan(hidden));
  if (!direct) head_.expand_backward(fixed_of(w), moved, d_theta, d_moved, d_leaf_);
}

void FrameLoss::exchange() {
  map_.gather();
  const auto scope = context_.timers.scope("exchange");
  context_.comm.all_gather<double>(my_losses_, losses_, leaves_.frame_counts());
  std::fill(d_small_.begin(), d_small_.end(), 0.0f);
  if (!d_leaf_.empty()) leaf_sum_.total(context_.comm, std::span(d_small_).last(d_leaf_.size()));
}

void FrameLoss::go_back(std::span<const float> w) {
  if (went_back_) return;
  map_.backward(w, group_h(), group_dh());
  trunk_.backward(conditions_, dh_, d_small_);
  went_back_ = true;
}

double FrameLoss::gradient_norm(std::span<const float> w) {
  go_back(w);
  const auto scope = context_.timers.scope("gradient norm");
  const double small = nn::norm<float>(d_small_);
  return std::sqrt(map_.norm_square(group_h()) + small * small);
}

Buffer<float> FrameLoss::gradient(std::span<const float> w) {
  go_back(w);
  Buffer<float> part(shards_.local());
  std::copy(d_small_.begin(), d_small_.end(), part.begin());
  map_.store_gradient(group_h(), part);
  return part;
}

void FrameLoss::descend(const nn::AdamStep& step, float factor, const Moving& p) {
  if (went_back_) {
    map_.descend(step, factor, p, group_h());
  } else {
    map_.backward_and_descend(step, factor, p, group_h(), group_dh());
    trunk_.backward(conditions_, dh_, d_small_);
  }
  const auto scope = context_.timers.scope("optimiser");
  const std::size_t encoder = model_.hypernetwork.encoder_params();
  nn::AdamStep slower = step;
  slower.rate *= options_.encoder_rate;
  for (const auto& [begin, end, its] :
       {std::tuple(std::size_t{0}, encoder, slower), {encoder, shards_.replicated, step}}) {
    const auto part = p.part(begin, end);
    nn::adam<float>(its, factor, std::span(d_small_).subspan(begin, end - begin), part.w, part.m, part.v);
  }
}

std::string FrameLoss::validated_on() const { return data_.split().held_out.empty() ? "fitted" : "held_out"; }

double FrameLoss::validate(std::span<const float> w) {
  const auto& split = data_.split();
  std::vector<int> samples = split.held_out.empty() ? split.fitted : split.held_out;
  constexpr std::size_t enough = 128;  // of the frames of an ensemble
  if (data_.facts().condition == hyper::Condition::code && samples.size() > enough) {
    for (std::size_t k = 0; k < enough; ++k) samples[k] = samples[k * samples.size() / enough];
    samples.resize(enough);
  }
  FrameError error(data_, model_);
  const Range mine = stretches(leaves_.frame_counts())[context_.comm.rank()];
  const auto most = static_cast<std::size_t>(leaves_.frames());
  double sum = 0;
  // As many at a time as a batch has, each on the rank that has the frame of this number in a batch.
  data_.visit(samples, 1, [&](std::span<const int> part) {
    for (std::size_t at = 0; at < part.size(); at += most) {
      const auto some = part.subspan(at, std::min(most, part.size() - at));
      move_samples(w, some);
      std::vector<double> errors;
      for (auto k = mine.begin; k < std::min(mine.end, static_cast<std::int64_t>(some.size())); ++k)
        errors.push_back(error.of(theta_of(k, w), some[k]));
      for (const double e : context_.comm.all_gather<double>(errors)) sum += e;
    }
  });
  return sum / static_cast<double>(samples.size());
}

void FrameLoss::move_samples(std::span<const float> w, std::span<const int> samples) {
  const auto& hypernetwork = model_.hypernetwork;
  Buffer<float> conditions, h(samples.size() * shards_.width);
  for (const int sample : samples) {
    const auto c = model_.condition(data_.condition(sample), data_.parameters(data_.trajectory(sample)));
    conditions.insert(conditions.end(), c.begin(), c.end());
  }
  auto tape = hypernetwork.tape(samples.size());
  hypernetwork.embed(shards_.small(w), conditions, h, tape);
  const auto count = static_cast<std::int64_t>(samples.size());
  const Range group = leaves_.group_frames();
  const auto begin = std::min(group.begin, count), end = std::min(group.end, count);
  map_.forward(w, std::span<const float>(h).subspan(begin * shards_.width, (end - begin) * shards_.width));
}

// Whole weights from what moves, of the frame at position t.
Buffer<float> FrameLoss::theta_of(std::int64_t t, std::span<const float> w) {
  Buffer<float> theta(model_.inr.params());
  const auto own = std::span(theta).subspan(head_.shared());
  std::copy_n(fixed_of(w).begin(), head_.shared(), theta.begin());
  head_.expand(fixed_of(w), std::span<const float>(map_.moved(t), head_.rows()), own);
  return theta;
}

}  // namespace hypercast::train
