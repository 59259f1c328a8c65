#include "similarity/delta/readouts.hpp"

#include <Eigen/Core>
#include <algorithm>

#include "similarity/rows.hpp"

namespace hypercast::similarity {

namespace {

template <class Real>
using RowMajor = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class Real>
using Matrix = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic>;
template <class Real>
using Numbers = Eigen::Array<Real, Eigen::Dynamic, 1>;
using Eigen::Index;

constexpr std::int64_t block = 256;  // rows of a product

Index length(std::size_t n) { return static_cast<Index>(n); }

// What a lane says of the rows of a block: columns [k] of `rows` numbers, each on a cache line. With `slopes`
// they are replaced by the loss's derivatives.
template <class Real>
struct Said {
  Real* numbers;
  Index stride, rows, first;  // `first` row of the block
  Index k;
  bool slopes;
  Eigen::Map<Numbers<Real>, Eigen::Aligned64> of(Index c) const { return {numbers + c * stride, rows}; }
  Real& at(Index i, Index c) const { return numbers[c * stride + i]; }
};

template <class Real>
double cross_entropy(const Said<Real>& said, std::span<const int> labels) {
  Numbers<Real> top = said.of(0);
  for (Index c = 1; c < said.k; ++c) top = top.max(said.of(c));
  Numbers<Real> right(said.rows), sum = Numbers<Real>::Zero(said.rows);
  for (Index i = 0; i < said.rows; ++i) right[i] = said.at(i, labels[i]) - top[i];
  for (Index c = 0; c < said.k; ++c) {
    auto z = said.of(c);
    z = (z - top).exp();
    sum += z;
  }
  const double loss = (sum.log() - right).template cast<double>().sum();
  if (!said.slopes) return loss;
  for (Index c = 0; c < said.k; ++c) said.of(c) /= sum;
  for (Index i = 0; i < said.rows; ++i) said.at(i, labels[i]) -= Real(1);
  return loss;
}

template <class Real>
double squared(const Said<Real>& said, const Goal& goal) {
  double loss = 0;
  for (Index c = 0; c < said.k; ++c) {
    for (Index i = 0; i < said.rows; ++i) {
      const auto row = static_cast<std::size_t>(said.first + i);
      const double wanted = goal.values.empty()
                                ? double(goal.labels[row] == c)
                                : goal.values[row * goal.outputs + static_cast<std::size_t>(c)];
      said.at(i, c) -= static_cast<Real>(wanted);
    }
    loss += said.of(c).template cast<double>().square().sum() / 2;
  }
  return loss;
}

template <class Real>
double loss_of(const Said<Real>& said, const Goal& goal) {
  if (goal.loss == ReadoutLoss::squared) return squared(said, goal);
  return cross_entropy(said, std::span(goal.labels).subspan(static_cast<std::size_t>(said.first)));
}

template <class Real>
Eigen::Map<const RowMajor<Real>> anchors_of(const ReadoutFeatures<Real>& f) {
  return {f.anchors().data(), length(f.m), length(f.inner)};
}

// Z' W, by which F W = X (Z' W).
template <class Real>
Matrix<Real> seen_by_x(const ReadoutFeatures<Real>& f, const Readouts<Real>& readouts) {
  const Eigen::Map<const Matrix<Real>> w(readouts.weights.data(), length(f.m),
                                         length(readouts.weights.size() / f.m));
  if (f.anchors().empty()) return w.topRows(length(f.inner));
  return anchors_of(f).transpose() * w;
}

// d_weights [lanes][m][k] from the sums over rows of X' dl/d(F W) [inner][lanes k].
template <class Real>
void put_gradients(const ReadoutFeatures<Real>& f, const Matrix<double>& sums, Index k,
                   std::span<double> d_weights) {
  const Index m = length(f.m);
  Matrix<double> g = Matrix<double>::Zero(m, sums.cols());
  if (f.anchors().empty())
    g.topRows(length(f.inner)) = sums;
  else
    g = (anchors_of(f) * sums.template cast<Real>()).template cast<double>();
  for (Index lane = 0; lane * k < g.cols(); ++lane)
    Eigen::Map<RowMajor<double>>(d_weights.data() + lane * m * k, m, k) =
        g.middleCols(lane * k, k) / static_cast<double>(f.n);
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
void evaluate(const ReadoutFeatures<Real>& f, const Goal& goal, const Readouts<Real>& readouts,
              std::span<double> losses, std::span<double> d_weights) {
  const Index k = length(goal.outputs), lanes = length(readouts.lanes);
  const Index stride = (std::min<Index>(block, length(f.n)) + 15) / 16 * 16;
  const Eigen::Map<const RowMajor<Real>> x(f.x.data(), length(f.n), length(f.inner));
  const Matrix<Real> inner = seen_by_x(f, readouts);
  const bool slopes = !d_weights.empty();
  Matrix<double> sums = Matrix<double>::Zero(slopes ? inner.rows() : 0, k * lanes);
  std::fill(losses.begin(), losses.end(), 0.0);
  Buffer<Real> outputs(static_cast<std::size_t>(stride * k * lanes));
  for (const auto& range : blocks_of(length(f.n), block)) {
    const auto rows = x.middleRows(range.begin, range.size());
    Eigen::Map<Matrix<Real>, Eigen::Aligned64, Eigen::OuterStride<>> y(
        outputs.data(), range.size(), k * lanes, Eigen::OuterStride<>(stride));
    y.noalias() = rows * inner;
    for (Index lane = 0; lane < lanes; ++lane) {
      const Said<Real> said{outputs.data() + lane * k * stride, stride, range.size(), range.begin, k, slopes};
      losses[static_cast<std::size_t>(lane)] += loss_of(said, goal);
    }
    if (slopes) sums += (rows.transpose() * y).template cast<double>();
  }
  for (double& loss : losses) loss /= static_cast<double>(f.n);
  if (slopes) put_gradients(f, sums, k, d_weights);
}

template Readouts<float> side_by_side(std::span<const double>, std::size_t, std::size_t);
template Readouts<double> side_by_side(std::span<const double>, std::size_t, std::size_t);
template void evaluate(const ReadoutFeatures<float>&, const Goal&, const Readouts<float>&, std::span<double>,
                       std::span<double>);
template void evaluate(const ReadoutFeatures<double>&, const Goal&, const Readouts<double>&,
                       std::span<double>, std::span<double>);

}  // namespace hypercast::similarity
