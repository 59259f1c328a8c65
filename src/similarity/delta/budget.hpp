#pragma once
// What Delta takes of the memory, and into how many parts it cuts its work so that it fits. Cuts depend on
// the problem and on Resources alone, never on the ranks.
//
// A quarter of the memory is for X of a rank's models (beyond that a file keeps them), another one at most
// for what belongs to the sources that are dealt with at once. What cannot be cut: phi, a descent for each
// model of the rank, 8 lanes of readouts, and what is told of all pairs.

#include <cstdint>
#include <vector>

#include "similarity/delta/features.hpp"
#include "similarity/plan.hpp"

namespace hypercast::similarity {

// The same on all ranks.
struct DeltaShape {
  FeatureShape features;            // n rows, readouts W [m][k]
  std::vector<std::size_t> widths;  // [models]
  std::size_t k = 0;
  int sides = 1;  // 2 where targets see other rows than sources
  std::size_t models() const { return widths.size(); }
  std::size_t m() const { return features.m; }
};

// Rows that are read at once to make features.
std::int64_t rows_at_once(const DeltaShape& shape, const Resources& resources);

// At most 63: with phi_0 they fill whole lanes, and more would be no faster.
std::int64_t sources_at_once(const DeltaScheme& scheme, const DeltaShape& shape, const Resources& resources);

// Bytes of X of these models, on all sides.
double bytes_of_features(const DeltaScheme& scheme, const DeltaShape& shape, const Range& models);

// Bytes of the rank that needs most, without which it cannot be done.
double least_memory(const DeltaScheme& scheme, const DeltaShape& shape, const Ownership& ownership);

}  // namespace hypercast::similarity
