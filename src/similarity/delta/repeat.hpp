#pragma once
// One repeat of Delta: one hypernetwork drawn, a descent for every model, and the losses of every model after
// each of them.

#include <vector>

#include "core/comm.hpp"
#include "similarity/delta/network.hpp"
#include "similarity/delta/result.hpp"

namespace hypercast::similarity {

// The models that a rank has at hand.
template <class Real>
struct Held {
  Range models;                                 // numbers of them
  std::vector<ReadoutFeatures<Real>> features;  // in that order, rows in the order `left`
  std::vector<ReadoutFeatures<Real>> moved;     // the same in the order `right`; empty without one
  std::vector<Goal> goals;
  const ReadoutFeatures<Real>& target(std::size_t i) const { return moved.empty() ? features[i] : moved[i]; }
};

struct RepeatShape {
  std::size_t models = 0, m = 0, k = 0;
};

// COLLECTIVE over `group`, whose ranks hold each model once, in order of rank. The records of the models that
// this rank holds. signatures [models][...], see signature.hpp.
template <class Real>
std::vector<DeltaRecord> run_repeat(const Comm& group, const DeltaScheme& scheme, const RepeatShape& shape,
                                    std::span<const double> signatures, const Held<Real>& held, int repeat);

}  // namespace hypercast::similarity
