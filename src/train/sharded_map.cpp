#include "train/sharded_map.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "nn/kernels/kernels.hpp"

namespace hypercast::train {

Shards shards_of(const Comm& group, const hyper::Hypernetwork<float>& hypernetwork) {
  const auto map = hypernetwork.head().map();
  return divide(group, hypernetwork.front_params(), map.rows, map.width);
}

namespace {

// Rows whose gradient is summed over replicas at a time: about a megabyte.
std::size_t replica_rows(std::size_t width) {
  constexpr std::size_t numbers = 1u << 18;
  return std::max<std::size_t>(1, numbers / (width + 1));
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

ShardedMap::ShardedMap(const Context& context, const hyper::Hypernetwork<float>& hypernetwork,
                       const Leaves& leaves, const Replicas& replicas)
    : context_(context),
      leaves_(leaves),
      replicas_(replicas),
      shards_(shards_of(replicas.group, hypernetwork)),
      blocks_(share_of(shards_.blocks(), replicas.group.rank(), replicas.group.size())),
      frames_(leaves.group_frames()),
      moved_(replicas.group, replicas.node, leaves.group_stretches(), shards_.of_rank),
      d_moved_(replicas.group, replicas.node, leaves.group_stretches(), shards_.of_rank),
      part_(frames() * shards_.width),
      dh_sum_(shards_.blocks(), part_.size()),
      replica_sum_(replicas.count, replica_rows(shards_.width) * (shards_.width + 1)),
      square_sum_(shards_.blocks(), 1) {
  if (!is_fused()) gradient_.resize(static_cast<std::size_t>(shards_.mine.size()) * (shards_.width + 1));
}

hyper::AffineRows<float> ShardedMap::rows_of(std::span<const float> w, Range rows) const {
  return {static_cast<std::size_t>(rows.size()), shards_.width,
          shards_.weights(w).data() + first(rows) * shards_.width, shards_.biases(w).data() + first(rows)};
}

void ShardedMap::forward(std::span<const float> w, std::span<const float> h) {
  {
    const auto scope = context_.timers.scope("head");
    hyper::transpose_conditions<float>(h, shards_.width, transposed_);
    rows_of(w, shards_.mine)
        .forward(h.size() / shards_.width, transposed_, moved_.row(0) + shards_.mine.begin, moved_.stride());
  }
  const auto scope = context_.timers.scope("exchange");
  moved_.gather_rows();
}

void ShardedMap::gather() {
  const auto scope = context_.timers.scope("exchange");
  d_moved_.gather_columns();
}

// dh from the map as it is, block of rows by block, and what `use` then does with the block.
template <class Use>
void ShardedMap::backward_by_blocks(std::span<const float> w, std::span<float> dh, const Use& use) {
  {
    const auto scope = context_.timers.scope("head backward");
    for (auto block = blocks_.begin; block < blocks_.end; ++block) {
      const Range rows = shards_.rows_of(block);
      std::fill(part_.begin(), part_.end(), 0.0f);
      rows_of(w, rows).backward(frames(), d_moved_.row(0) + rows.begin, d_moved_.stride(), part_.data());
      dh_sum_.add(block, part_);
      use(rows);
    }
  }
  const auto scope = context_.timers.scope("exchange");
  dh_sum_.total(replicas_.group, dh);
}

void ShardedMap::backward(std::span<const float> w, std::span<const float> h, std::span<float> dh) {
  backward_by_blocks(w, dh, [](Range) {});
  if (!is_fused()) sum_over_replicas(h);
}

void ShardedMap::backward_and_descend(const nn::AdamStep& step, float factor, const Moving& p,
                                      std::span<const float> h, std::span<float> dh) {
  if (is_fused())
    return backward_by_blocks(p.w, dh, [&](Range block) { descend_rows(step, factor, p, h, block); });
  backward(p.w, h, dh);
  descend(step, factor, p, h);
}

void ShardedMap::descend(const nn::AdamStep& step, float factor, const Moving& p, std::span<const float> h) {
  const auto scope = context_.timers.scope("optimiser");
  if (is_fused()) {
    for (auto block = blocks_.begin; block < blocks_.end; ++block)
      descend_rows(step, factor, p, h, shards_.rows_of(block));
  } else {
    nn::adam<float>(step, factor, gradient_, shards_.map(p.w), shards_.map(p.m), shards_.map(p.v));
  }
}

// A block of rows against its gradient, which is formed for it.
void ShardedMap::descend_rows(const nn::AdamStep& step, float factor, const Moving& p,
                              std::span<const float> h, Range block) {
  constexpr std::int64_t few = 24;  // rows whose weights and moments stay in the second cache
  const std::size_t width = shards_.width;
  const Moving w{shards_.weights(p.w), shards_.weights(p.m), shards_.weights(p.v)};
  const Moving b{shards_.biases(p.w), shards_.biases(p.m), shards_.biases(p.v)};
  std::array<float, few> d_b;
  for (auto row = block.begin; row < block.end; row += few) {
    const Range rows{row, std::min(row + few, block.end)};
    const auto count = static_cast<std::size_t>(rows.size()), last = first(rows) + count;
    const auto own = w.part(first(rows) * width, last * width), its = b.part(first(rows), last);
    nn::adam_of_product<float>(step, factor, frames(), {d_moved_.row(0) + row, d_moved_.stride()},
                               {h.data(), width}, width, own.w, own.m, own.v, shard_block);
    bias_gradient(frames_, rows, d_b.data());
    nn::adam<float>(step, factor, std::span(d_b).first(count), its.w, its.m, its.v);
  }
}

void ShardedMap::bias_gradient(Range frames, Range rows, float* biases) {
  std::fill_n(biases, rows.size(), 0.0f);
  for (auto t = frames.begin; t < frames.end; ++t)
    for (std::int64_t i = 0; i < rows.size(); ++i) biases[i] += d_moved(t)[rows.begin + i];
}

// Of some rows, as some of the group's frames make it.
void ShardedMap::gradient_of(Range frames, Range rows, std::span<const float> h, float* weights,
                             float* biases) {
  const std::size_t width = shards_.width;
  const auto begin = static_cast<std::size_t>(frames.begin - frames_.begin);
  std::fill_n(weights, static_cast<std::size_t>(rows.size()) * width, 0.0f);
  hyper::add_affine_gradient<float>(
      static_cast<std::size_t>(rows.size()), width, static_cast<std::size_t>(frames.size()),
      d_moved(frames.begin) + rows.begin, d_moved_.stride(), h.data() + begin * width, weights);
  bias_gradient(frames, rows, biases);
}

// gradient_: some rows as each of the group's replicas has them, then of all.
void ShardedMap::sum_over_replicas(std::span<const float> h) {
  const auto scope = context_.timers.scope("replicas");
  const std::size_t width = shards_.width, most = replica_rows(width);
  Buffer<float> some(most * (width + 1));
  for (auto row = shards_.mine.begin; row < shards_.mine.end; row += static_cast<std::int64_t>(most)) {
    const Range rows{row, std::min(row + static_cast<std::int64_t>(most), shards_.mine.end)};
    const std::size_t count = static_cast<std::size_t>(rows.size()), biases = count * width;
    for (auto replica = replicas_.mine().begin; replica < replicas_.mine().end; ++replica) {
      gradient_of(leaves_.frames_of_replica(replica), rows, h, some.data(), some.data() + biases);
      replica_sum_.add(replica, some);
    }
    replica_sum_.total(replicas_.across, some);
    const auto all = static_cast<std::size_t>(shards_.mine.size()) * width;
    std::copy_n(some.data(), biases, gradient_.data() + first(rows) * width);
    std::copy_n(some.data() + biases, count, gradient_.data() + all + first(rows));
  }
}

void ShardedMap::store_gradient(std::span<const float> h, std::span<float> part) {
  const auto map = shards_.map(part);
  if (is_fused())
    gradient_of(frames_, shards_.mine, h, map.data(), shards_.biases(part).data());
  else
    std::copy(gradient_.begin(), gradient_.end(), map.begin());
}

double ShardedMap::norm_square(std::span<const float> h) {
  Buffer<double> gram;
  if (is_fused()) gram = gram_of(h, shards_.width);
  for (auto block = blocks_.begin; block < blocks_.end; ++block) {
    const Range rows = shards_.rows_of(block);
    const double square = is_fused() ? square_by_gram(gram, rows) : square_of_stored(rows);
    square_sum_.add(block, std::span(&square, 1));
  }
  double total = 0;
  square_sum_.total(replicas_.group, std::span(&total, 1));
  return total < 0 ? 0 : total;  // by rounding; what is no number stays none
}

// What some rows are in the sum over pairs of frames.
double ShardedMap::square_by_gram(std::span<const double> gram, Range range) {
  const std::size_t lanes = nn::padded<double>(frames()), count = static_cast<std::size_t>(range.size());
  Buffer<double> rows(frames() * shard_block), columns(shard_block * lanes), products(gram.size());
  for (std::size_t t = 0; t < frames(); ++t)
    for (std::size_t i = 0; i < count; ++i)
      rows[t * shard_block + i] = columns[i * lanes + t] =
          d_moved_.row(static_cast<std::int64_t>(t))[range.begin + static_cast<std::int64_t>(i)];
  nn::kernels<double>().multiply(frames(), count, frames(), {rows.data(), shard_block},
                                 {columns.data(), lanes}, {nullptr, 0}, {products.data(), frames()});
  return std::inner_product(products.begin(), products.end(), gram.begin(), 0.0);
}

double ShardedMap::square_of_stored(Range rows) const {
  const std::size_t width = shards_.width, count = static_cast<std::size_t>(rows.size());
  const std::span<const float> all(gradient_);
  const double w = nn::norm(all.subspan(first(rows) * width, count * width)),
               b = nn::norm(
                   all.last(static_cast<std::size_t>(shards_.mine.size())).subspan(first(rows), count));
  return w * w + b * b;
}

}  // namespace hypercast::train
