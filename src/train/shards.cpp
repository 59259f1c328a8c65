#include "train/shards.hpp"

#include <algorithm>

namespace hypercast::train {

Range Shards::rows_of(std::int64_t block) const {
  return {block * shard_block, std::min((block + 1) * shard_block, static_cast<std::int64_t>(rows))};
}

Shards divide(const Comm& comm, std::size_t replicated, std::size_t rows, std::size_t width) {
  Shards shards;
  shards.replicated = replicated;
  shards.rows = rows;
  shards.width = width;
  for (int rank = 0; rank < comm.size(); ++rank) {
    const Range share = share_of(shards.blocks(), rank, comm.size());
    const auto end = static_cast<std::int64_t>(rows);
    shards.of_rank.push_back(
        {std::min(share.begin * shard_block, end), std::min(share.end * shard_block, end)});
  }
  shards.mine = shards.of_rank[comm.rank()];
  return shards;
}

Shards replicate(const Comm& comm, std::size_t parameters) { return divide(comm, parameters, 0, 0); }

Buffer<float> part_of(const Shards& shards, std::span<const float> whole) {
  const auto begin = static_cast<std::size_t>(shards.mine.begin),
             own = static_cast<std::size_t>(shards.mine.size());
  Buffer<float> part(shards.local());
  const std::span<float> to(part);
  std::copy_n(whole.begin(), shards.replicated, part.begin());
  std::copy_n(whole.begin() + shards.replicated + begin * shards.width, own * shards.width,
              shards.weights(to).begin());
  std::copy_n(whole.end() - shards.rows + begin, own, shards.biases(to).begin());
  return part;
}

namespace {

// gather(part, whole, counts) for the two pieces that are divided.
template <class Gather>
Buffer<float> gathered(const Shards& shards, std::span<const float> part, bool here, const Gather& gather) {
  Buffer<float> whole(here ? shards.whole() : 0);
  std::vector<int> weights, biases;
  for (const Range& rows : shards.of_rank) {
    weights.push_back(static_cast<int>(rows.size() * static_cast<std::int64_t>(shards.width)));
    biases.push_back(static_cast<int>(rows.size()));
  }
  const std::span<float> to(whole);
  if (here) std::copy_n(part.begin(), shards.replicated, whole.begin());
  const std::size_t w = here ? shards.rows * shards.width : 0, b = here ? shards.rows : 0;
  gather(shards.weights(part), to.subspan(here ? shards.replicated : 0, w), weights);
  gather(shards.biases(part), to.last(b), biases);
  return whole;
}

}  // namespace

Buffer<float> gather_on_root(const Comm& comm, const Shards& shards, std::span<const float> part) {
  return gathered(shards, part, comm.is_root(), [&](auto mine, auto all, const std::vector<int>& counts) {
    comm.gather_on_root<float>(mine, all, counts);
  });
}

Buffer<float> gather_everywhere(const Comm& comm, const Shards& shards, std::span<const float> part) {
  return gathered(shards, part, true, [&](auto mine, auto all, const std::vector<int>& counts) {
    comm.all_gather<float>(mine, all, counts);
  });
}

}  // namespace hypercast::train
