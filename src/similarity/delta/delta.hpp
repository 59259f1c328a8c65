#pragma once
// Delta, similarity as a hypernetwork sees it: it writes a linear classifier for each model, takes a step on
// the loss of model A alone, and the loss of model B falls by Delta(A -> B) = l_B(phi_0) - l_B(phi_1).
//
// To first order Delta(A -> B) = eta <dl_A/dphi, dl_B/dphi>, for the most part kappa_AB <G_A, G_B>: what the
// conditionings of the models share times what the gradients G = dl/dW = F'(softmax(F W) - Y) / n of their
// classifiers do. Gradients can be compared only in coordinates that models have in common. Neurons are not:
// with raw features a model and a copy with permuted neurons have a Delta of about 0. Hence the relative and
// the Gram map. With the latter, and W = 0, normalised Delta is the cosine of K_A Y and K_B Y, K the Gram
// matrices of features and Y the labels less their mean of 1/k.
//
// Sources: the scheme, which is the preset `seed`, was first published by Jaisidh Singh, "New POVs on
// hypernetworks", 2025 (a post). 1 - l1/l0 is TAG of C. Fifty et al., "Efficiently identifying task groupings
// for multi-task learning", NeurIPS 2021. Anchors are those of features.hpp.
//
// Parallel over models and, with more ranks than models, repeats. What belongs to a model is summed on one
// rank in fixed blocks of rows: results are the same on any number of ranks.

#include <cstdint>
#include <span>
#include <vector>

#include "core/buffer.hpp"
#include "core/context.hpp"
#include "similarity/delta/options.hpp"
#include "similarity/plan.hpp"
#include "similarity/rows.hpp"
#include "similarity/score.hpp"

namespace hypercast::similarity {

// What classifiers are trained and tested on; borrowed. Arrays are indexed by the number of a row,
// [Rows::count()].
struct Targets {
  std::vector<std::span<const int>> labels;  // one list for all models or one for each; in [0, classes)
  int classes = 0;                           // at least 2
  std::span<const double> values;            // instead, for the squared loss: [count][outputs]
  int outputs = 0;                           // of values
  // k, the outputs of a classifier.
  std::size_t width() const { return static_cast<std::size_t>(values.empty() ? classes : outputs); }
};

// Matrices are [A][B]: A is the source, which was trained on, and B the target, whose loss is looked at.
// Means over repeats. An entry is NaN where its status says why; `step_too_large` comes with what values
// there are.
struct DeltaResult {
  std::size_t models = 0;
  bool normalised = true;
  Buffer<double> delta;
  // Delta in units of eta, over the geometric mean of the models' own: Delta_AB / sqrt(Delta_AA Delta_BB).
  // With twins (A@c: model A with the code of c)
  //   Delta(A@A -> B@B) / sqrt(Delta(A@A -> A@B) Delta(B@A -> B@B)),
  // with the sign of the two under the root; NaN where their signs differ.
  Buffer<double> delta_norm;
  Buffer<double> tag;                // 1 - l1/l0 of B
  Buffer<double> first_order;        // steps eta <dl_A/dphi, dl_B/dphi>
  Buffer<double> first_order_error;  // |delta - first_order| / (steps eta |dl_A/dphi| |dl_B/dphi|)
  Buffer<double> kappa;              // conditioning kernel, h_A . h_B + 1 of the last hidden units
  Buffer<double> se_phi;             // standard error of delta over repeats; NaN for one
  // step_too_large: a model's own loss does not fall (delta_AA <= 0 or delta_BB <= 0), or first_order_error
  // of AA, BB or AB is above 0.2. skipped: A or B has no gradient at all, or the signs of twins differ.
  std::vector<Status> status;

  std::vector<double> l0;        // of each model before the step
  std::vector<double> own_drop;  // the part by which a model's step lowers its own loss
  std::vector<double> eta;       // of each model's step
  // Models whose l0 differs from log k by more than 0.1 (cross entropy): the classifiers that the
  // hypernetwork starts from are far from saying nothing, and Delta depends on them.
  std::vector<std::size_t> far_from_chance;

  // What similarity is: delta_norm, or delta where the options ask for raw scores.
  std::span<const double> score() const { return normalised ? delta_norm : delta; }
};

// COLLECTIVE over context.comm; heeds signals (throws Stopped). left: the rows that are compared, the same on
// all ranks; fewer than 4 make a result of too_few_rows. right: empty, or as many rows, in which target
// models see inputs (labels stay with left): with a permutation of left this is Delta of models whose rows
// have nothing to do with each other. Own steps are then computed for sources on left and for targets on
// right. UserError (data) for options or targets that do not fit. Memory: see budget.hpp.
DeltaResult delta(const Context& context, const Rows& rows, std::span<const std::int64_t> left,
                  std::span<const std::int64_t> right, const Targets& targets, const DeltaOptions& options,
                  const Resources& resources);
// The same for a scheme as it is; nothing is refused that merely makes no sense.
DeltaResult delta(const Context& context, const Rows& rows, std::span<const std::int64_t> left,
                  std::span<const std::int64_t> right, const Targets& targets, const DeltaScheme& scheme,
                  const Resources& resources);

}  // namespace hypercast::similarity
