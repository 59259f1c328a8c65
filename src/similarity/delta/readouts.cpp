#include "similarity/delta/readouts.hpp"

#include <Eigen/Core>
#include <algorithm>

namespace hypercast::similarity {

namespace {

template <class Real>
using RowMajor = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class Real>
using Matrix = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic>;
template <class Real>
using Panel = Eigen::Map<const RowMajor<Real>>;
template <class Real>
using Numbers = Eigen::Array<Real, Eigen::Dynamic, 1>;
using Eigen::Index;

Index length(std::size_t n) { return static_cast<Index>(n); }

// Outputs of one lane (logits, of a cross entropy) for the rows of a block: columns [k] of `rows` numbers,
// each on a cache line. With `slopes` they are replaced by the loss's derivatives.
template <class Real>
struct Outputs {
  Real* numbers;
  Index stride, rows, first;  // `first` row of the block
  Index k;
  bool slopes;
  Eigen::Map<Numbers<Real>, Eigen::Aligned64> of(Index c) const { return {numbers + c * stride, rows}; }
  Real& at(Index i, Index c) const { return numbers[c * stride + i]; }
};

template <class Real>
double cross_entropy(const Outputs<Real>& outputs, std::span<const int> labels) {
  Numbers<Real> top = outputs.of(0);
  for (Index c = 1; c < outputs.k; ++c) top = top.max(outputs.of(c));
  Numbers<Real> right(outputs.rows), sum = Numbers<Real>::Zero(outputs.rows);
  for (Index i = 0; i < outputs.rows; ++i) right[i] = outputs.at(i, labels[i]) - top[i];
  for (Index c = 0; c < outputs.k; ++c) {
    auto z = outputs.of(c);
    z = (z - top).exp();
    sum += z;
  }
  const double loss = (sum.log() - right).template cast<double>().sum();
  if (!outputs.slopes) return loss;
  for (Index c = 0; c < outputs.k; ++c) outputs.of(c) /= sum;
  for (Index i = 0; i < outputs.rows; ++i) outputs.at(i, labels[i]) -= Real(1);
  return loss;
}

template <class Real>
double squared(const Outputs<Real>& outputs, const ModelTargets& targets) {
  double loss = 0;
  for (Index c = 0; c < outputs.k; ++c) {
    for (Index i = 0; i < outputs.rows; ++i) {
      const auto row = static_cast<std::size_t>(outputs.first + i);
      const double wanted = targets.values.empty()
                                ? double(targets.labels[row] == c)
                                : targets.values[row * targets.outputs + static_cast<std::size_t>(c)];
      outputs.at(i, c) -= static_cast<Real>(wanted);
    }
    loss += outputs.of(c).template cast<double>().square().sum() / 2;
  }
  return loss;
}

template <class Real>
double loss_of(const Outputs<Real>& outputs, const ModelTargets& targets) {
  if (targets.loss == ReadoutLoss::squared) return squared(outputs, targets);
  return cross_entropy(outputs, std::span(targets.labels).subspan(static_cast<std::size_t>(outputs.first)));
}

// Calls see(range, rows) for all blocks of Z.
template <class Real, class See>
void each_anchors(const ReadoutFeatures<Real>& f, See see) {
  Buffer<Real> room;
  for (const auto& range : blocks_of(length(f.m), readout_rows))
    see(range, Panel<Real>(f.anchors(range, room).data(), range.size(), length(f.inner)));
}

// Z' W, by which F W = X (Z' W).
template <class Real>
Matrix<Real> seen_by_x(const ReadoutFeatures<Real>& f, const Readouts<Real>& readouts) {
  const Eigen::Map<const Matrix<Real>> w(readouts.weights.data(), length(f.m),
                                         length(readouts.weights.size() / f.m));
  if (!f.has_anchors()) return w.topRows(length(f.inner));
  Matrix<Real> sum = Matrix<Real>::Zero(length(f.inner), w.cols());
  each_anchors(f, [&](const Range& range, const Panel<Real>& z) {
    sum.noalias() += z.transpose() * w.middleRows(range.begin, range.size());
  });
  return sum;
}

// d_weights [lanes][m][k] from the sums over rows of X' dl/d(F W) [inner][lanes k].
template <class Real>
void put_gradients(const ReadoutFeatures<Real>& f, const Matrix<double>& sums, Index k,
                   std::span<double> d_weights) {
  const Index m = length(f.m);
  const auto put = [&](Index row, const auto& g) {  // rows of all lanes' gradients
    for (Index lane = 0; lane * k < g.cols(); ++lane)
      Eigen::Map<RowMajor<double>>(d_weights.data() + lane * m * k, m, k).middleRows(row, g.rows()) =
          g.middleCols(lane * k, k).template cast<double>() / static_cast<double>(f.n);
  };
  if (!f.has_anchors()) {
    std::fill(d_weights.begin(), d_weights.end(), 0.0);
    return put(0, sums);
  }
  const Matrix<Real> factor = sums.template cast<Real>();
  each_anchors(f,
               [&](const Range& range, const Panel<Real>& z) { put(range.begin, Matrix<Real>(z * factor)); });
}

}  // namespace

template <class Real>
Readouts<Real> side_by_side(std::span<const double> weights, std::size_t lanes, std::size_t k) {
  Readouts<Real> readouts{lanes, Buffer<Real>(weights.size())};
  const Index m = length(weights.size() / (lanes * k)), each = m * length(k);
  for (Index lane = 0; lane < length(lanes); ++lane)
    Eigen::Map<Matrix<Real>>(readouts.weights.data() + lane * each, m, length(k)) =
        Eigen::Map<const RowMajor<double>>(weights.data() + lane * each, m, length(k)).template cast<Real>();
  return readouts;
}

template <class Real>
void evaluate(const ReadoutFeatures<Real>& f, const ModelTargets& targets, const Readouts<Real>& readouts,
              std::span<double> losses, std::span<double> d_weights) {
  const Index k = length(targets.outputs), lanes = length(readouts.lanes);
  const auto blocks = blocks_of(length(f.n), readout_rows);
  const Index stride = (blocks.front().size() + 15) / 16 * 16;
  const Matrix<Real> inner = seen_by_x(f, readouts);
  const bool slopes = !d_weights.empty();
  Matrix<double> sums = Matrix<double>::Zero(slopes ? inner.rows() : 0, k * lanes);
  std::fill(losses.begin(), losses.end(), 0.0);
  Buffer<Real> room, numbers(static_cast<std::size_t>(stride * k * lanes));
  for (const auto& range : blocks) {
    const Panel<Real> x(f.x.rows(range, room).data(), range.size(), length(f.inner));
    Eigen::Map<Matrix<Real>, Eigen::Aligned64, Eigen::OuterStride<>> y(
        numbers.data(), range.size(), k * lanes, Eigen::OuterStride<>(stride));
    y.noalias() = x * inner;
    for (Index lane = 0; lane < lanes; ++lane) {
      const Outputs<Real> outputs{
          numbers.data() + lane * k * stride, stride, range.size(), range.begin, k, slopes};
      losses[static_cast<std::size_t>(lane)] += loss_of(outputs, targets);
    }
    if (slopes) sums += (x.transpose() * y).template cast<double>();
  }
  for (double& loss : losses) loss /= static_cast<double>(f.n);
  if (slopes) put_gradients(f, sums, k, d_weights);
}

template Readouts<float> side_by_side(std::span<const double>, std::size_t, std::size_t);
template Readouts<double> side_by_side(std::span<const double>, std::size_t, std::size_t);
template void evaluate(const ReadoutFeatures<float>&, const ModelTargets&, const Readouts<float>&,
                       std::span<double>, std::span<double>);
template void evaluate(const ReadoutFeatures<double>&, const ModelTargets&, const Readouts<double>&,
                       std::span<double>, std::span<double>);

}  // namespace hypercast::similarity
