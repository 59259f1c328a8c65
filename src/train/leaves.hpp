#pragma once
// The batch of a step, cut into leaves of frames that one rank computes together. What a leaf looks at
// depends on (seed, step, leaf) only, never on the ranks. Replicas of the head (train/replicas.hpp) have
// stretches of leaves, and so have the ranks of a group.

#include "core/context.hpp"
#include "train/dataset.hpp"
#include "train/options.hpp"
#include "train/schedule.hpp"

namespace hypercast::train {

// Consecutive ranges of these lengths.
std::vector<Range> stretches(const std::vector<int>& counts);

int leaves_of(int frames, const TrainOptions& options);  // of so many
// Of a batch: T, at most all fitted frames.
int frames_of_step(const Dataset& data, const TrainOptions& options);

class Leaves {
 public:
  // All borrowed. The batch is at most all fitted frames. UserError (Exit::data) when it has fewer leaves
  // than there are replicas.
  Leaves(const Comm& comm, const Dataset& data, const hyper::Model<float>& model,
         const TrainOptions& options);

  int frames() const { return frames_; }                                                    // of a batch, T
  std::size_t count() const { return leaves_.size(); }                                      // of leaves
  std::size_t largest() const { return static_cast<std::size_t>(leaves_.front().size()); }  // its frames
  Range mine() const { return mine_; }                                // leaves of this rank
  Range frames_of(std::int64_t leaf) const { return leaves_[leaf]; }  // positions in the batch
  Range frames_of_replica(std::int64_t replica) const { return replica_frames_[replica]; }
  // Positions that this rank's group has together; what each of its ranks has, counted from the first.
  Range group_frames() const { return group_frames_; }
  std::vector<Range> group_stretches() const;
  // On each rank: its frames, its leaves.
  const std::vector<int>& frame_counts() const { return frame_counts_; }
  const std::vector<int>& leaf_counts() const { return leaf_counts_; }

  // COLLECTIVE. The batch of this step, its frames in memory until the next one. Where every trajectory has
  // points of its own, a leaf takes its frames from one.
  void draw(std::int64_t step);
  int sample(std::int64_t position) const { return samples_[position]; }
  // Weight of a frame in the loss: 1 / T, or that over the frame's mean square.
  float weight(std::int64_t position) const;

  // The points of a leaf: draws them, and gives their inputs x[n][inputs].
  std::span<const float> take_points(std::int64_t leaf);
  // The values of frames at the points taken last: targets[n][frame][channel].
  std::span<const float> take_targets(Range frames);

 private:
  void share_out(const Comm& comm);
  void draw_from_window(std::int64_t step);
  void draw_from_trajectories(std::int64_t step);

  const Dataset& data_;
  const TrainOptions& options_;
  std::size_t inputs_, channels_;
  Buffer<float> grid_;  // embedded coordinates of all points, [points][inputs]
  int frames_;
  std::vector<Range> leaves_, replica_frames_;
  Range mine_, group_frames_, group_ranks_;
  std::vector<int> frame_counts_, leaf_counts_;
  Schedule schedule_;  // of fitted frames
  std::int64_t step_ = -1;
  std::vector<int> samples_;           // of the present batch
  std::vector<std::uint32_t> points_;  // of the leaf at hand; empty: all
  Buffer<float> x_, targets_;
};

// Rank 0 warns of ranks that have no leaf: in each step they do nothing but their rows of the head.
void warn_of_idle_ranks(const Context& context, const Leaves& leaves);

}  // namespace hypercast::train
