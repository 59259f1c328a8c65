#pragma once
// The loss of the frames of a batch and its gradient, computed by all ranks together and bitwise the same on
// any number of them.
//
// A batch of T frames is cut into leaves of `frames_per_leaf`; a leaf is computed by one rank. The head's map
// h -> moved numbers is divided among the ranks by rows (train/shards.hpp). So a step is
//
//   1. trunk        c -> h [T][width], by everybody; or every rank its frames ([train] trunk)
//   2. head         moved [T][rows]: every rank its rows, for all frames
//   3. frames       every rank its frames, from all rows: losses, d_moved [T][rows]
//   4. head back    every rank its rows, for all frames: dh = d_moved W, summed over blocks of rows
//   5. trunk back   by everybody; or every rank its frames, summed over leaves
//   6. Adam         every rank its rows: dW = d_moved' h is formed block by block and used up at once
//
// What travels are h, moved and d_moved, never the gradient of the map (core/node_matrix.hpp). Its norm comes
// from |dW|^2 + |db|^2 = sum over frames s, t of (h_s . h_t + 1)(d_moved_s . d_moved_t). Where frames share
// parameters, leaves' gradients are summed (core/ordered_sum.hpp).

#include "core/context.hpp"
#include "core/node_matrix.hpp"
#include "core/ordered_sum.hpp"
#include "hyper/frame_pass.hpp"
#include "train/leaves.hpp"
#include "train/objective.hpp"
#include "train/trunk_pass.hpp"

namespace hypercast::train {

class FrameLoss final : public Objective {
 public:
  FrameLoss(const Context& context, const Dataset& data, const hyper::Model<float>& model,
            const TrainOptions& options);

  const Shards& shards() const override { return shards_; }
  double evaluate(std::int64_t step, std::span<const float> w) override;
  double gradient_norm(std::span<const float> w) override;
  void descend(const nn::AdamStep& step, float factor, const Moving& parameters) override;
  // On the frames held out of the window, or the fitted ones when none is.
  double validate(std::span<const float> w) override;
  std::string validated_on() const override;

  // COLLECTIVE. This rank's part of the gradient in full, for those who want to look.
  Buffer<float> gradient(std::span<const float> w);

 private:
  void move(std::span<const float> w, std::span<const float> h);
  void move_samples(std::span<const float> w, std::span<const int> samples);
  Buffer<float> theta_of(std::int64_t t, std::span<const float> w);
  void run_leaf(std::int64_t leaf, std::span<const float> w);
  void run_frame(std::int64_t t, std::span<const float> x, std::span<const float> w, std::span<double> loss);
  void exchange();
  template <class Use>
  void go_back(std::span<const float> w, const Use& use);
  double map_norm_square();
  void bias_gradient(Range rows, std::span<float> biases);
  hyper::AffineRows<float> rows_of(std::span<const float> w, Range rows) const;
  std::span<const float> fixed_of(std::span<const float> w) const;

  const Context& context_;
  const Dataset& data_;
  const hyper::Model<float>& model_;
  const TrainOptions& options_;
  const hyper::Head<float>& head_;

  Leaves leaves_;
  Shards shards_;
  Range my_blocks_;
  hyper::FramePass<float> pass_;
  TrunkPass trunk_;

  Buffer<float> conditions_, weights_;          // [T][inputs], [T]
  Buffer<float> h_, h_transposed_, dh_, part_;  // [T][width]; part_: of a block of rows
  NodeMatrix<float> moved_, d_moved_;           // [T][rows]
  Buffer<float> theta_, d_theta_;               // of the frames of a leaf, where they are not `moved`
  Buffer<float> d_leaf_, d_small_;              // of parameters in front of the map: of a leaf; all
  OrderedSum<float> dh_sum_, leaf_sum_;
  OrderedSum<double> gram_sum_;
  std::vector<double> leaf_losses_, my_losses_, losses_;
  bool went_back_ = false;  // dh and d_small are those of the present step
};

}  // namespace hypercast::train
