#pragma once
// The loss of a basis that frames share, with the coefficients of every frame eliminated: variable
// projection.
//
//   loss(theta_h) = mean over frames of  min over C, b of  mean |C phi(theta_h, x) + b - u|^2
//
// The inner minimum is a least-squares solve over the points of a leaf; at the minimum its slope in C
// vanishes, so the gradient in theta_h is that of the loss with C held fixed. G. H. Golub, V. Pereyra, "The
// differentiation of pseudo-inverses and nonlinear least squares problems whose variables separate", SIAM J.
// Numer. Anal. 10 (1973).

#include <optional>

#include "core/ordered_sum.hpp"
#include "hyper/frame_pass.hpp"
#include "hyper/readout_fit.hpp"
#include "train/leaves.hpp"
#include "train/objective.hpp"

namespace hypercast::train {

class Projection final : public SmallObjective {
 public:
  // `valid`: trajectories that training does not see; null: there are none.
  Projection(const Context& context, const Dataset& data, const Dataset* valid,
             const hyper::Model<float>& model, const TrainOptions& options);

  const Leaves& leaves() const { return leaves_; }
  double compute(std::int64_t step, std::span<const float> w, std::span<float> dw) override;
  // Frames fitted on three of four observed points, errors on the fourth.
  double validate(std::span<const float> w) override;
  std::string validated_on() const override { return valid_ ? "validation trajectories" : "fitted"; }
  std::string name() const override { return "basis "; }

 private:
  void run_leaf(std::int64_t leaf, std::span<const float> w);
  std::optional<double> error_of(const Dataset& data, int sample, std::span<const float> w,
                                 std::span<const float> grid);

  const Context& context_;
  const Dataset& data_;
  const Dataset* valid_;
  const hyper::Model<float>& model_;
  Leaves leaves_;
  hyper::FramePass<float> pass_;
  hyper::ReadoutFit fit_;
  Buffer<float> readouts_, d_readouts_, leaf_dw_;
  OrderedSum<float> leaf_sum_;
  std::vector<double> leaf_losses_, my_losses_, losses_;
};

}  // namespace hypercast::train
