#include "train/rollout_loss.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "train/batch.hpp"

namespace hypercast::train {

namespace {

int window_of(const hyper::CodeSequences& sequences, const DynamicsTraining& options) {
  const int longest = static_cast<int>(sequences.frames) - 1;
  if (sequences.count == 0 || longest < 1)
    throw UserError(Exit::data, "latent dynamics need training sequences of at least two frames");
  if (std::max(options.rollout_first, options.rollout_last) > longest)
    throw UserError(Exit::data,
                    fmt::format("[dynamics] rollouts of {} frames do not fit into training sequences of {}",
                                std::max(options.rollout_first, options.rollout_last), sequences.frames));
  return options.rollout_last > 0 ? std::max(options.rollout_first, options.rollout_last) : longest;
}

}  // namespace

RolloutLoss::RolloutLoss(const Context& context, const hyper::Dynamics<float>& dynamics, const Data& data,
                         const DynamicsTraining& options, int member)
    : SmallObjective(context.comm, dynamics.params()),
      context_(context),
      dynamics_(dynamics),
      data_(data),
      options_(options),
      seed_(static_cast<std::uint64_t>(options.seed) + (static_cast<std::uint64_t>(member) << 32)),
      batch_(std::min<int>(options.batch, static_cast<int>(data.fitted.count))),
      leaf_size_(std::min(options.sequences_per_leaf, batch_)),
      window_(window_of(data.fitted, options)),
      leaves_((batch_ + leaf_size_ - 1) / leaf_size_),
      mine_(share_of(leaves_, context.comm.rank(), context.comm.size())),
      rollout_(dynamics, data.fitted.code, leaf_size_, data.fitted.frames - 1),
      leaf_sum_(leaves_, params()) {
  check(data.held_out.count == 0 || data.held_out.frames <= data.fitted.frames,
        "held-out sequences longer than fitted ones");
  for (int r = 0; r < context.comm.size(); ++r)
    loss_counts_.push_back(static_cast<int>(share_of(leaves_, r, context.comm.size()).size()));
  const std::size_t rows = leaf_size_, d = data_.fitted.code;
  mu_.resize(rows * data_.fitted.parameters);
  mapped_.resize(data_.fitted.frames * d);
  truth_.resize(data_.fitted.frames * rows * d);
  leaf_dw_.resize(params());
  my_losses_.resize(mine_.size());
  losses_.resize(leaves_);
  draws_.resize(leaves_ * leaf_size_);
}

int RolloutLoss::rollout_frames(std::int64_t step) const {
  const double growth = options_.rollout_growth * options_.steps;
  if (static_cast<double>(step) >= growth) return window_;
  const int lengths = window_ - options_.rollout_first + 1;
  return options_.rollout_first + static_cast<int>(static_cast<double>(step) / growth * lengths);
}

double RolloutLoss::compute(std::int64_t step, std::span<const float> w, std::span<float> dw) {
  const int frames = rollout_frames(step);
  draw(step, frames);
  {
    const auto scope = context_.timers.scope("rollouts");
    for (auto leaf = mine_.begin; leaf < mine_.end; ++leaf) {
      my_losses_[leaf - mine_.begin] = run_leaf(step, leaf, frames, w);
      leaf_sum_.add(leaf, leaf_dw_);
    }
  }
  const auto scope = context_.timers.scope("exchange");
  context_.comm.all_gather<double>(my_losses_, losses_, loss_counts_);
  leaf_sum_.total(context_.comm, dw);
  double loss = 0;
  for (const double part : losses_) loss += part;
  return loss;
}

// Leaves are full: what the last one has too much repeats the first sequences and does not count.
void RolloutLoss::draw(std::int64_t step, int frames) {
  const auto order = draw_frames(seed_, step, batch_, static_cast<int>(data_.fitted.count));
  const Random random(seed_, Random::Purpose::points, static_cast<std::uint32_t>(step));
  const auto starts = static_cast<std::uint32_t>(static_cast<int>(data_.fitted.frames) - frames);
  const auto symmetries = static_cast<std::uint32_t>(data_.symmetries ? data_.symmetries->count() : 1);
  for (int i = 0; i < static_cast<int>(draws_.size()); ++i) {
    const int at = i % batch_;
    draws_[i] = {order[at], static_cast<int>(random.below(starts, 2 * at)),
                 static_cast<int>(random.below(symmetries, 2 * at + 1))};
  }
}

// Writes truth_ and mu_.
void RolloutLoss::load_leaf(std::int64_t leaf, int frames) {
  const std::size_t d = data_.fitted.code, rows = leaf_size_, p = data_.fitted.parameters;
  for (std::size_t b = 0; b < rows; ++b) {
    const Draw& draw = draws_[leaf * leaf_size_ + b];
    auto codes =
        data_.fitted.codes.subspan((draw.sequence * data_.fitted.frames + draw.start) * d, (frames + 1) * d);
    if (data_.symmetries && !data_.symmetries->empty()) {
      const auto mapped = std::span(mapped_).first(codes.size());
      data_.symmetries->apply(draw.symmetry, codes, mapped);
      codes = mapped;
    }
    for (std::size_t k = 0; k <= static_cast<std::size_t>(frames); ++k)
      std::copy_n(codes.begin() + k * d, d, truth_.begin() + (k * rows + b) * d);
    const auto mu = data_.fitted.mu_of(draw.sequence);
    std::copy(mu.begin(), mu.end(), mu_.begin() + b * p);
  }
}

void RolloutLoss::add_noise(std::int64_t step, std::int64_t leaf) {
  if (options_.noise == 0) return;
  const std::size_t d = data_.fitted.code;
  const Random random(seed_, Random::Purpose::noise, static_cast<std::uint32_t>(step));
  for (std::size_t i = 0; i < leaf_size_ * d; ++i)
    truth_[i] += static_cast<float>(options_.noise * data_.deviation[i % d] *
                                    random.normal(leaf * leaf_size_ * d + i));
}

// Writes leaf_dw_.
double RolloutLoss::run_leaf(std::int64_t step, std::int64_t leaf, int frames, std::span<const float> w) {
  const std::size_t d = data_.fitted.code, size = leaf_size_ * d;
  load_leaf(leaf, frames);
  add_noise(step, leaf);
  rollout_.forward(w, std::span<const float>(truth_).first(size), mu_, frames);
  const std::size_t counted = std::min<std::int64_t>(leaf_size_, batch_ - leaf * leaf_size_) * d;
  const double unit = 1.0 / (static_cast<double>(batch_) * static_cast<double>(d) * frames);
  double loss = 0;
  for (int k = 1; k <= frames; ++k) {
    const auto codes = rollout_.codes(k);
    const auto gradient = rollout_.d_codes(k);
    for (std::size_t i = 0; i < counted; ++i) {
      const float error = codes[i] - truth_[k * size + i];
      loss += static_cast<double>(error) * error;
      gradient[i] = static_cast<float>(2 * unit) * error;
    }
    std::fill(gradient.begin() + counted, gradient.end(), 0.0f);
  }
  std::fill(leaf_dw_.begin(), leaf_dw_.end(), 0.0f);
  rollout_.backward(w, mu_, leaf_dw_);
  return unit * loss;
}

double RolloutLoss::validate(std::span<const float> w) {
  const auto& data = data_.held_out.count > 0 ? data_.held_out : data_.fitted;
  const std::size_t rows = leaf_size_, d = data.code, count = data.count;
  std::vector<double> mine;  // squares of error and of truth, sequence by sequence
  const Range share = share_of(static_cast<std::int64_t>((count + rows - 1) / rows), context_.comm.rank(),
                               context_.comm.size());
  Buffer<float> start(rows * d), mu(rows * data.parameters);
  for (auto leaf = share.begin; leaf < share.end; ++leaf) {
    const std::size_t first = leaf * rows;
    for (std::size_t b = 0; b < rows; ++b) {
      const std::size_t sequence = (first + b) % count;
      std::copy_n(data.frame(sequence, 0).begin(), d, start.begin() + b * d);
      std::copy_n(data.mu_of(sequence).begin(), data.parameters, mu.begin() + b * data.parameters);
    }
    rollout_.forward(w, start, mu, data.frames - 1);
    for (std::size_t b = 0; b < rows && first + b < count; ++b) {
      double error = 0, square = 0;
      for (std::size_t k = 1; k < data.frames; ++k) {
        const auto truth = data.frame(first + b, k);
        const auto code = rollout_.codes(k).subspan(b * d, d);
        for (std::size_t i = 0; i < d; ++i) {
          error += std::pow(static_cast<double>(code[i]) - truth[i], 2);
          square += std::pow(static_cast<double>(truth[i]), 2);
        }
      }
      mine.insert(mine.end(), {error, square});
    }
  }
  const auto all = context_.comm.all_gather<double>(mine);
  double error = 0, square = 0;
  for (std::size_t i = 0; i < all.size(); i += 2) {
    error += all[i];
    square += all[i + 1];
  }
  const double relative = std::sqrt(error / std::max(square, 1e-300));
  return std::isfinite(relative) ? relative : std::numeric_limits<double>::infinity();
}

}  // namespace hypercast::train
