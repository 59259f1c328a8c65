#pragma once
// The loss of the frames of a batch and its gradient, computed by all ranks together and bitwise the same on
// any number of them.
//
// A batch of T frames is cut into leaves of `frames_per_leaf`; a leaf is computed by one rank. What travels
// are factors: dL/d theta of each frame (and, where the head shares weights, each leaf's dL/d shared),
// gathered and never summed in flight. Everything after the gather (the sum over leaves in leaf order, the
// head's and the trunk's backward pass) every rank computes alike, with shapes that depend on T only.

#include "core/context.hpp"
#include "hyper/frame_pass.hpp"
#include "train/leaves.hpp"
#include "train/objective.hpp"

namespace hypercast::train {

class FrameLoss final : public Objective {
 public:
  // UserError (Exit::data) when a batch is too large for one message.
  FrameLoss(const Context& context, const Dataset& data, const hyper::Model<float>& model,
            const TrainOptions& options);

  std::size_t params() const override { return model_.params(); }
  double compute(std::int64_t step, std::span<const float> phi, std::span<float> d_phi) override;
  // On the frames held out of the window, or the fitted ones when none is.
  double validate(std::span<const float> phi) override;
  std::string validated_on() const override;
  std::vector<RateGroup> rates() const override;  // the encoder has its own

 private:
  void run_leaf(std::int64_t leaf, std::span<const float> phi);
  void count_shares();
  void exchange();

  const Context& context_;
  const Dataset& data_;
  const hyper::Model<float>& model_;
  const TrainOptions& options_;

  Leaves leaves_;
  hyper::FramePass<float> pass_;
  hyper::Hypernetwork<float>::Tape tape_;

  std::vector<int> own_counts_, shared_counts_;  // per rank, of what is exchanged

  Buffer<float> conditions_, weights_, h_, dh_;
  Buffer<float> theta_;                                  // own parts of the leaf at hand
  Buffer<float> my_d_theta_, d_theta_;                   // [my frames][own], [T][own]
  Buffer<float> my_d_shared_, all_d_shared_, d_shared_;  // [my leaves][shared], [leaves][shared], [shared]
  // Results of the leaf at hand. They have a place of their own, since a leaf's place among those of a rank,
  // and so the alignment of its memory, depends on the number of ranks, and Eigen's bits may depend on
  // alignment.
  Buffer<float> leaf_d_theta_, leaf_d_shared_;
  std::vector<double> leaf_losses_, my_losses_, losses_;
};

}  // namespace hypercast::train
