#include "train/frame_loss.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "nn/kernels/kernels.hpp"
#include "train/evaluate.hpp"

namespace hypercast::train {

namespace {

Shards shards_of(const Comm& comm, const hyper::Hypernetwork<float>& hypernetwork) {
  const auto map = hypernetwork.head().map();
  const auto shards = divide(comm, hypernetwork.params() - map.params(), map.rows, map.width);
  if (shards.whole() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    throw UserError(Exit::data, fmt::format("[hypernetwork]: {} parameters are more than one message of MPI "
                                            "can hold",
                                            shards.whole()));
  return shards;
}

// h_s . h_t + 1
Buffer<double> gram_of(std::span<const float> h, std::size_t width) {
  const std::size_t count = h.size() / width;
  const Buffer<double> wide(h.begin(), h.end());
  Buffer<double> transposed, gram(count * count);
  hyper::transpose_conditions<double>(wide, width, transposed);
  const double one = 1;
  Buffer<double> ones(nn::padded<double>(count), one);
  nn::kernels<double>().multiply(count, width, count, {wide.data(), width},
                                 {transposed.data(), nn::padded<double>(count)}, {ones.data(), 0},
                                 {gram.data(), count});
  return gram;
}

}  // namespace

FrameLoss::FrameLoss(const Context& context, const Dataset& data, const hyper::Model<float>& model,
                     const TrainOptions& options)
    : context_(context),
      data_(data),
      model_(model),
      options_(options),
      head_(model.hypernetwork.head()),
      leaves_(context.comm, data, model, options),
      shards_(shards_of(context.comm, model.hypernetwork)),
      my_blocks_(share_of(shards_.blocks(), context.comm.rank(), context.comm.size())),
      pass_(model.inr, options.frames_per_leaf),
      trunk_(context, model.hypernetwork, leaves_, options.trunk == "data_parallel"),
      moved_(context.comm, context.node, stretches(leaves_.frame_counts()), shards_.of_rank),
      d_moved_(context.comm, context.node, stretches(leaves_.frame_counts()), shards_.of_rank),
      dh_sum_(shards_.blocks(), leaves_.frames() * shards_.width),
      leaf_sum_(static_cast<std::int64_t>(leaves_.count()), head_.fixed()),
      gram_sum_(shards_.blocks(), 1) {
  check(head_.direct() || head_.shared() == 0, "a head that shares part of theta moves the rest directly");
  const std::size_t frames = leaves_.frames();
  conditions_.resize(frames * model.hypernetwork.inputs());
  weights_.resize(frames);
  h_.resize(frames * shards_.width);
  dh_.resize(h_.size());
  part_.resize(h_.size());
  theta_.resize(options.frames_per_leaf * head_.own());
  d_theta_.resize(theta_.size());
  d_leaf_.resize(head_.fixed());
  d_small_.resize(shards_.replicated);
  leaf_losses_.resize(options.frames_per_leaf);
  losses_.resize(frames);
}

std::span<const float> FrameLoss::fixed_of(std::span<const float> w) const {
  return shards_.small(w).last(head_.fixed());
}

hyper::AffineRows<float> FrameLoss::rows_of(std::span<const float> w, Range rows) const {
  const auto first = static_cast<std::size_t>(rows.begin - shards_.mine.begin);
  return {static_cast<std::size_t>(rows.size()), shards_.width,
          shards_.weights(w).data() + first * shards_.width, shards_.biases(w).data() + first};
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
  move(w, h_);
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

// moved_ of conditions h, at most as many as a batch has.
void FrameLoss::move(std::span<const float> w, std::span<const float> h) {
  {
    const auto scope = context_.timers.scope("head");
    hyper::transpose_conditions<float>(h, shards_.width, h_transposed_);
    rows_of(w, shards_.mine)
        .forward(h.size() / shards_.width, h_transposed_, moved_.row(0) + shards_.mine.begin,
                 moved_.stride());
  }
  const auto scope = context_.timers.scope("exchange");
  moved_.gather_rows();
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
      std::copy_n(moved_.row(batch.begin + static_cast<std::int64_t>(f)), own, theta.data() + f * own);
    std::fill(d_theta.begin(), d_theta.end(), 0.0f);
    pass_.run({fixed_of(w), theta, x, leaves_.take_targets(batch), weights}, losses, d_leaf_, d_theta);
    for (std::size_t f = 0; f < frames; ++f)
      std::copy_n(d_theta.data() + f * own, own, d_moved_.row(batch.begin + static_cast<std::int64_t>(f)));
  }
  my_losses_.insert(my_losses_.end(), losses.begin(), losses.end());
  if (!d_leaf_.empty()) leaf_sum_.add(leaf, d_leaf_);
}

// A frame whose theta is all its own.
void FrameLoss::run_frame(std::int64_t t, std::span<const float> x, std::span<const float> w,
                          std::span<double> loss) {
  const std::size_t hidden = model_.inr.hidden(), own = head_.own();
  const std::span<const float> moved(moved_.row(t), head_.rows());
  const std::span<float> d_moved(d_moved_.row(t), head_.rows());
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
  const auto scope = context_.timers.scope("exchange");
  context_.comm.all_gather<double>(my_losses_, losses_, leaves_.frame_counts());
  d_moved_.gather_columns();
  std::fill(d_small_.begin(), d_small_.end(), 0.0f);
  if (!d_leaf_.empty()) leaf_sum_.total(context_.comm, std::span(d_small_).last(d_leaf_.size()));
}

// dh, from the map as it is, block of rows by block, and what `use` then does with the block; then all that
// lies in front of the map.
template <class Use>
void FrameLoss::go_back(std::span<const float> w, const Use& use) {
  {
    const auto scope = context_.timers.scope("head backward");
    for (auto block = my_blocks_.begin; block < my_blocks_.end; ++block) {
      const Range rows = shards_.rows_of(block);
      std::fill(part_.begin(), part_.end(), 0.0f);
      rows_of(w, rows).backward(leaves_.frames(), d_moved_.row(0) + rows.begin, d_moved_.stride(),
                                part_.data());
      dh_sum_.add(block, part_);
      use(rows);
    }
  }
  {
    const auto scope = context_.timers.scope("exchange");
    dh_sum_.total(context_.comm, dh_);
  }
  trunk_.backward(conditions_, dh_, d_small_);
  went_back_ = true;
}

double FrameLoss::map_norm_square() {
  const std::size_t frames = leaves_.frames(), lanes = nn::padded<double>(frames);
  const auto gram = gram_of(h_, shards_.width);
  Buffer<double> rows(frames * shard_block), columns(shard_block * lanes), products(frames * frames);
  for (auto block = my_blocks_.begin; block < my_blocks_.end; ++block) {
    const Range range = shards_.rows_of(block);
    const auto count = static_cast<std::size_t>(range.size());
    for (std::size_t t = 0; t < frames; ++t)
      for (std::size_t i = 0; i < count; ++i)
        rows[t * shard_block + i] = columns[i * lanes + t] =
            d_moved_.row(static_cast<std::int64_t>(t))[range.begin + static_cast<std::int64_t>(i)];
    nn::kernels<double>().multiply(frames, count, frames, {rows.data(), shard_block}, {columns.data(), lanes},
                                   {nullptr, 0}, {products.data(), frames});
    const double square = std::inner_product(products.begin(), products.end(), gram.begin(), 0.0);
    gram_sum_.add(block, std::span(&square, 1));
  }
  double total = 0;
  gram_sum_.total(context_.comm, std::span(&total, 1));
  return std::max(0.0, total);
}

double FrameLoss::gradient_norm(std::span<const float> w) {
  if (!went_back_) go_back(w, [](Range) {});
  const auto scope = context_.timers.scope("gradient norm");
  const double small = nn::norm<float>(d_small_);
  return std::sqrt(map_norm_square() + small * small);
}

void FrameLoss::bias_gradient(Range rows, std::span<float> biases) {
  std::fill(biases.begin(), biases.end(), 0.0f);
  for (int t = 0; t < leaves_.frames(); ++t)
    for (std::size_t i = 0; i < biases.size(); ++i)
      biases[i] += d_moved_.row(t)[rows.begin + static_cast<std::int64_t>(i)];
}

Buffer<float> FrameLoss::gradient(std::span<const float> w) {
  if (!went_back_) go_back(w, [](Range) {});
  Buffer<float> whole(shards_.local());
  std::copy(d_small_.begin(), d_small_.end(), whole.begin());
  const std::span<float> part(whole);
  hyper::add_affine_gradient<float>(static_cast<std::size_t>(shards_.mine.size()), shards_.width,
                                    leaves_.frames(), d_moved_.row(0) + shards_.mine.begin, d_moved_.stride(),
                                    h_.data(), shards_.weights(part).data());
  bias_gradient(shards_.mine, shards_.biases(part));
  return whole;
}

void FrameLoss::descend(const nn::AdamStep& step, float factor, const Moving& p) {
  constexpr std::int64_t few = 24;  // rows whose weights and moments stay in the second cache
  const Moving w{shards_.weights(p.w), shards_.weights(p.m), shards_.weights(p.v)};
  const Moving b{shards_.biases(p.w), shards_.biases(p.m), shards_.biases(p.v)};
  const auto update = [&](Range block) {
    for (auto row = block.begin; row < block.end; row += few) {
      const Range rows{row, std::min(row + few, block.end)};
      const auto first = static_cast<std::size_t>(row - shards_.mine.begin), width = shards_.width;
      const auto count = static_cast<std::size_t>(rows.size()), last = first + count;
      const auto own = w.part(first * width, last * width), its = b.part(first, last);
      nn::adam_of_product<float>(step, factor, leaves_.frames(), {d_moved_.row(0) + row, d_moved_.stride()},
                                 {h_.data(), width}, width, own.w, own.m, own.v, shard_block);
      std::array<float, few> d_b;
      bias_gradient(rows, std::span(d_b).first(count));
      nn::adam<float>(step, factor, std::span(d_b).first(count), its.w, its.m, its.v);
    }
  };
  if (went_back_) {
    const auto scope = context_.timers.scope("optimiser");
    for (auto block = my_blocks_.begin; block < my_blocks_.end; ++block) update(shards_.rows_of(block));
  } else {
    go_back(p.w, update);
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
  move(w, h);
}

// Whole weights from row t of moved_.
Buffer<float> FrameLoss::theta_of(std::int64_t t, std::span<const float> w) {
  Buffer<float> theta(model_.inr.params());
  const auto own = std::span(theta).subspan(head_.shared());
  std::copy_n(fixed_of(w).begin(), head_.shared(), theta.begin());
  head_.expand(fixed_of(w), std::span<const float>(moved_.row(t), head_.rows()), own);
  return theta;
}

}  // namespace hypercast::train
