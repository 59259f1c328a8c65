#pragma once
// Linear readouts, also called linear probes: classifiers that see nothing of a model but its features, which
// stay as they are (G. Alain and Y. Bengio, "Understanding intermediate layers using linear classifier
// probes", 2016). A readout W [m][k] gives the outputs F W [n][k]. Here: losses of many readouts on the
// features of one model, and their gradients.
//
//   cross_entropy  l = mean_i (log sum_c exp((F W)_ic) - (F W)_{i, y_i})
//   squared        l = |F W - Y|^2 / (2 n);  Y: values, or of a label a row with a one in its place
//
// Readouts lie side by side in lanes, so that one product serves all. There are 8 lanes or a multiple of
// that, the last ones idle: then each lane is a column of every product and goes through the same arithmetic,
// and equal readouts have equal losses, bit by bit.

#include <span>
#include <vector>

#include "core/buffer.hpp"
#include "similarity/delta/features.hpp"

namespace hypercast::similarity {

// What the outputs of one model's readouts are compared with, of the rows at hand.
struct ModelTargets {
  ReadoutLoss loss = ReadoutLoss::cross_entropy;
  std::size_t outputs = 0;     // k
  std::vector<int> labels;     // [n] in [0, k), or
  std::vector<double> values;  // [n][k], of the squared loss
};

constexpr std::size_t lane_group = 8;
constexpr std::size_t lanes_for(std::size_t readouts) {
  return (readouts + lane_group - 1) / lane_group * lane_group;
}

template <class Real>
struct Readouts {
  std::size_t lanes = 0;
  Buffer<Real> weights;  // [lanes][k][m]
};

// From weights [lanes][m][k], lanes a multiple of 8.
template <class Real>
Readouts<Real> side_by_side(std::span<const double> weights, std::size_t lanes, std::size_t k);

// WRITES losses [lanes] and, unless it is empty, d_weights [lanes][m k]. Sums over rows are in double
// precision, block after block.
template <class Real>
void evaluate(const ReadoutFeatures<Real>& features, const ModelTargets& targets,
              const Readouts<Real>& readouts, std::span<double> losses, std::span<double> d_weights = {});

}  // namespace hypercast::similarity
