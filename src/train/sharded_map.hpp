#pragma once
// The head's map from h to the numbers that move (hyper/affine.hpp), where most parameters are: its rows
// divided among the ranks of a group (train/shards.hpp), for the frames that the group has of a batch.
//
//   forward     every rank its rows, for all frames; then every rank all rows of its frames
//   backward    every rank its rows, for all frames: dh = d_moved W, summed over blocks of rows
//   descend     every rank its rows: dW = d_moved' h is formed block by block and used up at once by Adam
//
// What travels are moved and d_moved, never the gradient (core/node_matrix.hpp). Its norm comes from
// |dW|^2 + |db|^2 = sum over frames s, t of (h_s . h_t + 1)(d_moved_s . d_moved_t).
//
// With several replicas of the map (train/replicas.hpp) a group has a part of the frames, and the gradient is
// the sum of what all replicas make of theirs: every rank forms that of its rows block by block, a replica at
// a time, and sums it over all replicas. Then it is stored, 4 bytes a parameter more, and norm and Adam read
// it.
//
// Everywhere w, and what is Moving, is this rank's part of all parameters; h is that of the group's frames,
// [frames][width], the same in all calls of a step.

#include "core/context.hpp"
#include "core/node_matrix.hpp"
#include "core/ordered_sum.hpp"
#include "hyper/hypernetwork.hpp"
#include "train/leaves.hpp"
#include "train/objective.hpp"
#include "train/replicas.hpp"

namespace hypercast::train {

class ShardedMap {
 public:
  // COLLECTIVE. All borrowed.
  ShardedMap(const Context& context, const hyper::Hypernetwork<float>& hypernetwork, const Leaves& leaves,
             const Replicas& replicas);

  const Shards& shards() const { return shards_; }
  // Rows of a frame of this rank, by its position in the batch: whole after forward(); for gather() to take.
  float* moved(std::int64_t frame) { return moved_.row(frame - frames_.begin); }
  float* d_moved(std::int64_t frame) { return d_moved_.row(frame - frames_.begin); }

  // All COLLECTIVE.
  // Of as many conditions as the group has frames, or fewer.
  void forward(std::span<const float> w, std::span<const float> h);
  // Every rank has written d_moved of its frames.
  void gather();
  // WRITES dh of the group's frames.
  void backward(std::span<const float> w, std::span<const float> h, std::span<float> dh);
  // After backward(): of the whole gradient of the map.
  double norm_square(std::span<const float> h);
  // After backward(): a step against `factor` times the gradient.
  void descend(const nn::AdamStep& step, float factor, const Moving& p, std::span<const float> h);
  // Both, in one pass over the rows where there is one replica.
  void backward_and_descend(const nn::AdamStep& step, float factor, const Moving& p, std::span<const float> h,
                            std::span<float> dh);
  // After backward(): the gradient of this rank's rows, WRITTEN to its place in a part of all parameters.
  void store_gradient(std::span<const float> h, std::span<float> part);

 private:
  template <class Use>
  void backward_by_blocks(std::span<const float> w, std::span<float> dh, const Use& use);
  void descend_rows(const nn::AdamStep& step, float factor, const Moving& p, std::span<const float> h,
                    Range block);
  void sum_over_replicas(std::span<const float> h);
  void gradient_of(Range frames, Range rows, std::span<const float> h, float* weights, float* biases);
  void bias_gradient(Range frames, Range rows, float* biases);
  double square_by_gram(std::span<const double> gram, Range rows);
  double square_of_stored(Range rows) const;
  hyper::AffineRows<float> rows_of(std::span<const float> w, Range rows) const;
  std::size_t first(Range rows) const { return static_cast<std::size_t>(rows.begin - shards_.mine.begin); }
  std::size_t frames() const { return static_cast<std::size_t>(frames_.size()); }
  bool is_fused() const { return replicas_.count == 1; }

  const Context& context_;
  const Leaves& leaves_;
  const Replicas& replicas_;
  Shards shards_;
  Range blocks_;                       // of this rank
  Range frames_;                       // of the group
  NodeMatrix<float> moved_, d_moved_;  // [frames][rows]
  Buffer<float> transposed_, part_;    // h'; dh of a block of rows
  Buffer<float> gradient_;             // of this rank's rows, where it is stored: [W | b]
  OrderedSum<float> dh_sum_, replica_sum_;
  OrderedSum<double> square_sum_;
};

}  // namespace hypercast::train
