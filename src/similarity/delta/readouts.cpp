#include "similarity/delta/readouts.hpp"

#include <Eigen/Core>
#include <algorithm>

#include "similarity/rows.hpp"

namespace hypercast::similarity {

namespace {

template <class Real>
using Matrix = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class Real>
using View = Eigen::Map<const Matrix<Real>>;
template <class Real>
using Lanes = Eigen::Map<Eigen::Array<Real, Eigen::Dynamic, 1>, Eigen::Aligned64>;
template <class Real>
using Numbers = Eigen::Array<Real, Eigen::Dynamic, 1>;
using Eigen::Index;

constexpr std::int64_t block = 256;  // rows of a product

Index length(std::size_t n) { return static_cast<Index>(n); }

// One row of outputs [k][lanes]; with `slopes` they are replaced by the loss's derivatives.
template <class Real>
struct Row {
  Real* outputs;
  std::size_t k, lanes;
  bool slopes;
  Lanes<Real> at(std::size_t c) const { return {outputs + c * lanes, length(lanes)}; }
};

template <class Real>
void cross_entropy(const Row<Real>& row, std::size_t label, Numbers<double>& losses) {
  Numbers<Real> top = row.at(0);
  for (std::size_t c = 1; c < row.k; ++c) top = top.max(row.at(c));
  const Numbers<Real> said = row.at(label) - top;
  Numbers<Real> sum = Numbers<Real>::Zero(top.size());
  for (std::size_t c = 0; c < row.k; ++c) {
    auto z = row.at(c);
    z = (z - top).exp();
    sum += z;
  }
  losses += (sum.log() - said).template cast<double>();
  if (!row.slopes) return;
  for (std::size_t c = 0; c < row.k; ++c) row.at(c) /= sum;
  row.at(label) -= Real(1);
}

template <class Real, class Wanted>
void squared(const Row<Real>& row, Wanted wanted, Numbers<double>& losses) {
  for (std::size_t c = 0; c < row.k; ++c) {
    auto z = row.at(c);
    z -= static_cast<Real>(wanted(c));
    losses += z.template cast<double>().square() / 2;
  }
}

template <class Real>
void add_loss(const Goal& goal, std::size_t i, const Row<Real>& row, Numbers<double>& losses) {
  if (goal.loss == ReadoutLoss::cross_entropy) {
    cross_entropy(row, static_cast<std::size_t>(goal.labels[i]), losses);
  } else if (goal.values.empty()) {
    const auto label = static_cast<std::size_t>(goal.labels[i]);
    squared(
        row, [&](std::size_t c) { return c == label ? 1.0 : 0.0; }, losses);
  } else {
    squared(
        row, [&](std::size_t c) { return goal.values[i * row.k + c]; }, losses);
  }
}

// Z' W, by which F W = X (Z' W).
template <class Real>
Matrix<Real> seen_by_x(const Features<Real>& f, const View<Real>& weights) {
  if (f.anchors().empty()) return weights.topRows(length(f.inner));
  return View<Real>(f.anchors().data(), length(f.m), length(f.inner)).transpose() * weights;
}

// d_weights [lanes][m k] from the sum over rows of X' dl/d(F W).
template <class Real>
void put_gradients(const Features<Real>& f, const Matrix<double>& sums, std::size_t lanes,
                   std::span<double> d_weights) {
  Matrix<double> g = Matrix<double>::Zero(length(f.m), sums.cols());
  if (f.anchors().empty())
    g.topRows(length(f.inner)) = sums;
  else
    g = (View<Real>(f.anchors().data(), length(f.m), length(f.inner)) * sums.template cast<Real>())
            .template cast<double>();
  const View<double> by_weight(g.data(), g.size() / length(lanes), length(lanes));
  Eigen::Map<Matrix<double>>(d_weights.data(), length(lanes), by_weight.rows()) =
      by_weight.transpose() / static_cast<double>(f.n);
}

}  // namespace

template <class Real>
Readouts<Real> side_by_side(std::span<const double> weights, std::size_t lanes) {
  Readouts<Real> readouts{lanes, Buffer<Real>(weights.size())};
  const Index each = length(weights.size() / lanes);
  Eigen::Map<Matrix<Real>>(readouts.weights.data(), each, length(lanes)) =
      View<double>(weights.data(), length(lanes), each).transpose().template cast<Real>();
  return readouts;
}

template <class Real>
void evaluate(const Features<Real>& f, const Goal& goal, const Readouts<Real>& readouts,
              std::span<double> losses, std::span<double> d_weights) {
  const std::size_t k = goal.outputs, lanes = readouts.lanes;
  const Index columns = length(k * lanes);
  const View<Real> x(f.x.data(), length(f.n), length(f.inner));
  const auto inner = seen_by_x(f, View<Real>(readouts.weights.data(), length(f.m), columns));
  const bool slopes = !d_weights.empty();
  Matrix<double> sums = Matrix<double>::Zero(slopes ? inner.rows() : 0, columns);
  Numbers<double> all = Numbers<double>::Zero(length(lanes));
  Buffer<Real> outputs(static_cast<std::size_t>(block) * k * lanes);
  for (const auto& range : blocks_of(length(f.n), block)) {
    const auto rows = x.middleRows(range.begin, range.size());
    Eigen::Map<Matrix<Real>> y(outputs.data(), range.size(), columns);
    y.noalias() = rows * inner;
    for (std::int64_t i = 0; i < range.size(); ++i)
      add_loss<Real>(goal, static_cast<std::size_t>(range.begin + i),
                     {outputs.data() + i * columns, k, lanes, slopes}, all);
    if (slopes) sums += (rows.transpose() * y).template cast<double>();
  }
  Eigen::Map<Numbers<double>>(losses.data(), length(lanes)) = all / static_cast<double>(f.n);
  if (slopes) put_gradients(f, sums, lanes, d_weights);
}

template Readouts<float> side_by_side(std::span<const double>, std::size_t);
template Readouts<double> side_by_side(std::span<const double>, std::size_t);
template void evaluate(const Features<float>&, const Goal&, const Readouts<float>&, std::span<double>,
                       std::span<double>);
template void evaluate(const Features<double>&, const Goal&, const Readouts<double>&, std::span<double>,
                       std::span<double>);

}  // namespace hypercast::similarity
