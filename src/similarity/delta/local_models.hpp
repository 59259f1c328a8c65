#pragma once
// Which ranks work on which repeats of Delta, and what each has of the models.

#include <span>
#include <vector>

#include "core/context.hpp"
#include "similarity/delta/budget.hpp"
#include "similarity/delta/features.hpp"
#include "similarity/delta/readouts.hpp"

namespace hypercast::similarity {

// Where there are several ranks a model, groups of ranks take repeats in turn; in a group each model is on
// one rank.
struct RankGroup {
  int count = 1, number = 0;  // of groups
  Comm comm;                  // of this one
  Range models;               // on this rank
  std::vector<int> ranks;     // in comm, [models]
  bool owns = true;           // the models are those that this rank owns
};
// COLLECTIVE over comm.
RankGroup rank_group(const Comm& comm, const Ownership& ownership, std::size_t models, int repeats);

template <class Real>
struct LocalModels {
  Range numbers;
  std::vector<ReadoutFeatures<Real>> features;  // rows in the order `left`
  std::vector<ReadoutFeatures<Real>> moved;     // the same in the order `right`; empty without one
  std::vector<ModelTargets> targets;            // one for all, or each

  std::size_t count() const { return features.size(); }
  std::size_t number(std::size_t i) const { return static_cast<std::size_t>(numbers.begin) + i; }
  // Of the i-th as a target of other models' steps.
  const ReadoutFeatures<Real>& receiving(std::size_t i) const {
    return moved.empty() ? features[i] : moved[i];
  }
  const ModelTargets& targets_of(std::size_t i) const { return targets[targets.size() == 1 ? 0 : i]; }
};

// COLLECTIVE over context.comm; heeds signals. Features of the group's models on this rank, rows in `order`;
// anchors are those at the positions of the shape.
template <class Real>
std::vector<ReadoutFeatures<Real>> local_features(const Context& context, const Rows& rows,
                                                  std::span<const std::int64_t> order,
                                                  const DeltaScheme& scheme, const DeltaShape& shape,
                                                  const RankGroup& group, const Resources& resources);

}  // namespace hypercast::similarity
