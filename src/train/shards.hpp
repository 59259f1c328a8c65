#pragma once
// How parameters are divided among ranks. The small ones are everybody's; the large matrix of a head (W
// [rows][width] and b, hyper/affine.hpp) is cut into fixed blocks of rows, of which each rank owns a stretch,
// with the optimiser's moments. A rank holds
//
//   [replicated, up to a cache line | W of its rows | b of its rows],     of the whole  [replicated | W | b].
//
// Blocks, not ranks, are what sums over rows are made of, so that the ranks do not show in the results.

#include <span>
#include <vector>

#include "core/buffer.hpp"
#include "core/comm.hpp"
#include "nn/kernels/kernels.hpp"

namespace hypercast::train {

inline constexpr std::int64_t shard_block = 64;  // rows

struct Shards {
  std::size_t replicated = 0, rows = 0, width = 0;
  std::vector<Range> of_rank;  // rows
  Range mine;

  std::size_t whole() const { return replicated + rows * (width + 1); }
  std::size_t local() const { return weights_at() + static_cast<std::size_t>(mine.size()) * (width + 1); }
  std::int64_t blocks() const { return (static_cast<std::int64_t>(rows) + shard_block - 1) / shard_block; }
  Range rows_of(std::int64_t block) const;

  // Pieces of what this rank holds.
  template <class T>
  std::span<T> small(std::span<T> local) const {
    return local.first(replicated);
  }
  template <class T>
  std::span<T> weights(std::span<T> local) const {
    return local.subspan(weights_at(), static_cast<std::size_t>(mine.size()) * width);
  }
  template <class T>
  std::span<T> map(std::span<T> local) const {  // both
    return local.subspan(weights_at());
  }
  template <class T>
  std::span<T> biases(std::span<T> local) const {
    return local.last(static_cast<std::size_t>(mine.size()));
  }

 private:
  std::size_t weights_at() const { return rows == 0 ? replicated : nn::padded<float>(replicated); }
};

Shards divide(const Comm& comm, std::size_t replicated, std::size_t rows, std::size_t width);
Shards replicate(const Comm& comm, std::size_t parameters);  // nothing is divided

// This rank's part of whole parameters.
Buffer<float> part_of(const Shards& shards, std::span<const float> whole);
// COLLECTIVE. The whole from its parts, on rank 0 (empty elsewhere) or on every rank.
Buffer<float> gather_on_root(const Comm& comm, const Shards& shards, std::span<const float> part);
Buffer<float> gather_everywhere(const Comm& comm, const Shards& shards, std::span<const float> part);

}  // namespace hypercast::train
