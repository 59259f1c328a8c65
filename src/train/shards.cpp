#include "train/shards.hpp"

#include <algorithm>

#include "core/messages.hpp"

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

namespace {

// A stretch of the whole that lies together in the part of one rank.
struct Piece {
  int owner;
  std::size_t at, count;
};

void cut(int owner, std::size_t at, std::size_t count, std::vector<Piece>& pieces) {
  for (std::size_t done = 0; done < count; done += largest_piece)
    pieces.push_back({owner, at + done, std::min(largest_piece, count - done)});
}

// Of the whole, in order. What is everybody's is rank 0's.
std::vector<Piece> pieces_of(const Shards& shards) {
  std::vector<Piece> pieces;
  cut(0, 0, shards.replicated, pieces);
  const auto ranks = static_cast<int>(shards.of_rank.size());
  const auto rows = [&](int rank) { return static_cast<std::size_t>(shards.of_rank[rank].size()); };
  for (int rank = 0; rank < ranks; ++rank) cut(rank, shards.weights_at(), rows(rank) * shards.width, pieces);
  for (int rank = 0; rank < ranks; ++rank)
    cut(rank, shards.weights_at() + rows(rank) * shards.width, rows(rank), pieces);
  return pieces;
}

}  // namespace

void collect(const Comm& comm, const Shards& shards, std::span<const float> part,
             const std::function<void(std::span<const float>)>& use) {
  Buffer<float> arrived;
  for (const auto& [owner, at, count] : pieces_of(shards)) {
    if (owner == comm.rank() && comm.is_root()) {
      use(part.subspan(at, count));
    } else if (owner == comm.rank()) {
      send(comm, part.subspan(at, count), 0);
    } else if (comm.is_root()) {
      arrived.resize(count);
      receive(comm, std::span<float>(arrived), owner);
      use(arrived);
    }
  }
}

Buffer<float> distribute(const Comm& comm, const Shards& shards,
                         const std::function<void(std::span<float>)>& next) {
  Buffer<float> part(shards.local()), leaving;
  const std::span<float> to(part);
  for (const auto& [owner, at, count] : pieces_of(shards)) {
    if (owner == comm.rank() && comm.is_root()) {
      next(to.subspan(at, count));
    } else if (owner == comm.rank()) {
      receive(comm, to.subspan(at, count), 0);
    } else if (comm.is_root()) {
      leaving.resize(count);
      next(leaving);
      send(comm, std::span<const float>(leaving), owner);
    }
  }
  comm.broadcast(shards.small(to));
  return part;
}

Buffer<float> gather_everywhere(const Comm& comm, const Shards& shards, std::span<const float> part) {
  Buffer<float> whole(shards.whole());
  auto at = whole.begin();
  collect(comm, shards, part,
          [&](std::span<const float> piece) { at = std::copy(piece.begin(), piece.end(), at); });
  comm.broadcast(std::span(whole));
  return whole;
}

}  // namespace hypercast::train
