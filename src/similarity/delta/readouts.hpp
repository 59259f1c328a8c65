#pragma once
// Losses of many classifiers on the features of one model, and their gradients: a classifier W [m][k] says F
// W.
//
//   cross_entropy  l = mean_i (log sum_c exp((F W)_ic) - (F W)_{i, y_i})
//   squared        l = |F W - Y|^2 / (2 n);  Y: values, or of a label a row with a one in its place
//
// Classifiers lie side by side in lanes, so that one product serves all and exponentials come in vectors.
// There are 16 lanes or a multiple of that, the last ones idle: what is computed for a classifier does not
// depend on its lane.

#include <span>
#include <vector>

#include "core/buffer.hpp"
#include "similarity/delta/features.hpp"

namespace hypercast::similarity {

// What a model's classifier is to say of the rows at hand.
struct Goal {
  ReadoutLoss loss = ReadoutLoss::cross_entropy;
  std::size_t outputs = 0;     // k
  std::vector<int> labels;     // [n] in [0, k), or
  std::vector<double> values;  // [n][k], of the squared loss
};

constexpr std::size_t lanes_for(std::size_t classifiers) { return (classifiers + 15) / 16 * 16; }

template <class Real>
struct Readouts {
  std::size_t lanes = 0;
  Buffer<Real> weights;  // [m][k][lanes]
};

// From weights [lanes][m k], lanes a multiple of 16.
template <class Real>
Readouts<Real> side_by_side(std::span<const double> weights, std::size_t lanes);

// WRITES losses [lanes] and, unless it is empty, d_weights [lanes][m k]. Sums over rows are in double
// precision, block after block.
template <class Real>
void evaluate(const Features<Real>& features, const Goal& goal, const Readouts<Real>& readouts,
              std::span<double> losses, std::span<double> d_weights = {});

}  // namespace hypercast::similarity
