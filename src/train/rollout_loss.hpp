#pragma once
// What latent dynamics minimise: the mean square error of rollouts over training sequences, in scaled codes,
// where one unit of any component is the same error of the field. A step draws sequences, for each a frame to
// start from and (if there are any) a symmetry of the equation, and rolls out K frames; K grows during
// training: short rollouts first, since they have gentle gradients, the whole window in the end, since that
// is what a forecast is.
//
// A batch is cut into leaves of `sequences_per_leaf`; a leaf is computed by one rank. Gradients of leaves are
// gathered and summed in their order, so the bits do not depend on the number of ranks.

#include "core/context.hpp"
#include "core/ordered_sum.hpp"
#include "hyper/rollout.hpp"
#include "hyper/symmetries.hpp"
#include "train/objective.hpp"
#include "train/options.hpp"

namespace hypercast::train {

class RolloutLoss final : public SmallObjective {
 public:
  struct Data {
    hyper::CodeSequences fitted, held_out;              // scaled; held_out may be empty
    const hyper::CodeSymmetries* symmetries = nullptr;  // of the fitted ones; null: none
    std::span<const double> deviation;                  // of each component, the unit of noise
  };
  // All arguments are borrowed, also what `data` refers to. Members of an ensemble differ in their draws.
  // UserError (Exit::data) when the sequences are too short.
  RolloutLoss(const Context& context, const hyper::Dynamics<float>& dynamics, const Data& data,
              const DynamicsTraining& options, int member);

  double compute(std::int64_t step, std::span<const float> w, std::span<float> dw) override;
  // Rollouts of the held-out sequences (the fitted ones if there are none) from frame 0 over all frames:
  // relative L2 error of their scaled codes, infinite when one of them leaves all bounds.
  double validate(std::span<const float> w) override;
  std::string validated_on() const override { return data_.held_out.count > 0 ? "held_out" : "fitted"; }
  std::string name() const override { return "dynamics "; }

  // K at this step.
  int rollout_frames(std::int64_t step) const;

 private:
  void draw(std::int64_t step, int frames);
  void load_leaf(std::int64_t leaf, int frames);
  void add_noise(std::int64_t step, std::int64_t leaf);
  double run_leaf(std::int64_t step, std::int64_t leaf, int frames, std::span<const float> w);

  struct Draw {
    int sequence, start, symmetry;
  };
  const Context& context_;
  const hyper::Dynamics<float>& dynamics_;
  Data data_;
  const DynamicsTraining& options_;
  std::uint64_t seed_;
  int batch_, leaf_size_, window_;  // window: frames of the longest rollout
  std::int64_t leaves_;
  Range mine_;

  hyper::Rollout<float> rollout_;
  std::vector<Draw> draws_;    // of the present batch
  Buffer<float> mu_, mapped_;  // of the leaf at hand; one sequence
  Buffer<float> truth_;        // [frame][sequence][d] of the leaf at hand
  Buffer<float> leaf_dw_;
  OrderedSum<float> leaf_sum_;
  std::vector<double> my_losses_, losses_;  // per leaf
  std::vector<int> loss_counts_;            // per rank
};

}  // namespace hypercast::train
