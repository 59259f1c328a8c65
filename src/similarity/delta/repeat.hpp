#pragma once
// One repeat of Delta: one hypernetwork drawn, a descent for every model, and the losses of every model after
// each of them.

#include <vector>

#include "similarity/delta/local_models.hpp"
#include "similarity/delta/network.hpp"
#include "similarity/delta/result.hpp"

namespace hypercast::similarity {

// What all repeats share; borrowed.
template <class Real>
struct DeltaWork {
  const Context& context;
  const DeltaScheme& scheme;
  const DeltaShape& shape;
  const RankGroup& group;
  const LocalModels<Real>& local;
  std::span<const double> signatures;  // [models][...], see signature.hpp
  std::vector<Range> batches;          // of sources that are dealt with at once
};

// COLLECTIVE over context.comm, whose ranks all do a repeat or sit it out; both heed signals, equally often.
// The records of the models on this rank.
template <class Real>
std::vector<DeltaRecord> run_repeat(const DeltaWork<Real>& work, int repeat);
template <class Real>
void sit_out_repeat(const DeltaWork<Real>& work);

}  // namespace hypercast::similarity
