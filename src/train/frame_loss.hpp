#pragma once
// The loss of the frames of a batch and its gradient, computed by all ranks together and bitwise the same on
// any number of them.
//
// A batch of T frames is cut into leaves of `frames_per_leaf`; a leaf is computed by one rank. A step is
//
//   1. trunk        c -> h [T][width], by everybody; or every rank its frames (train/trunk_pass.hpp)
//   2. head         h -> moved [T][rows], every rank its rows (train/sharded_map.hpp)
//   3. frames       every rank its frames, from all rows: losses, d_moved [T][rows]
//   4. head back    every rank its rows: dh, and its own step of Adam
//   5. trunk back   by everybody; or every rank its frames, summed over leaves
//   6. Adam         what all ranks have
//
// Where frames share parameters, leaves' gradients are summed (core/ordered_sum.hpp).

#include "core/context.hpp"
#include "core/ordered_sum.hpp"
#include "hyper/frame_pass.hpp"
#include "train/leaves.hpp"
#include "train/objective.hpp"
#include "train/replicas.hpp"
#include "train/sharded_map.hpp"
#include "train/trunk_pass.hpp"

namespace hypercast::train {

class FrameLoss final : public Objective {
 public:
  FrameLoss(const Context& context, const Dataset& data, const hyper::Model<float>& model,
            const TrainOptions& options);

  const Leaves& leaves() const { return leaves_; }
  const Shards& shards() const override { return shards_; }
  const Comm& group() const override { return replicas_.group; }
  double evaluate(std::int64_t step, std::span<const float> w) override;
  double gradient_norm(std::span<const float> w) override;
  void descend(const nn::AdamStep& step, float factor, const Moving& parameters) override;
  // On the frames held out of the window, or the fitted ones when none is.
  double validate(std::span<const float> w) override;
  std::string validated_on() const override;

  // COLLECTIVE. This rank's part of the gradient in full, for those who want to look.
  Buffer<float> gradient(std::span<const float> w);

 private:
  void move_samples(std::span<const float> w, std::span<const int> samples);
  Buffer<float> theta_of(std::int64_t t, std::span<const float> w);
  void run_leaf(std::int64_t leaf, std::span<const float> w);
  void run_frame(std::int64_t t, std::span<const float> x, std::span<const float> w, std::span<double> loss);
  void exchange();
  void go_back(std::span<const float> w);
  std::span<const float> group_h() const;
  std::span<float> group_dh();
  std::span<const float> fixed_of(std::span<const float> w) const;

  const Context& context_;
  const Dataset& data_;
  const hyper::Model<float>& model_;
  const TrainOptions& options_;
  const hyper::Head<float>& head_;

  Leaves leaves_;
  Replicas replicas_;
  ShardedMap map_;
  const Shards& shards_;
  hyper::FramePass<float> pass_;
  TrunkPass trunk_;

  Buffer<float> conditions_, weights_;  // [T][inputs], [T]
  Buffer<float> h_, dh_;                // [T][width]
  Buffer<float> theta_, d_theta_;       // of the frames of a leaf, where they are not what moves
  Buffer<float> d_leaf_, d_small_;      // of parameters in front of the map: of a leaf; all
  OrderedSum<float> leaf_sum_;
  std::vector<double> leaf_losses_, my_losses_, losses_;
  bool went_back_ = false;  // dh and d_small are those of the present step
};

}  // namespace hypercast::train
