#include "similarity/delta/features.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "core/random.hpp"
#include "similarity/delta/signature.hpp"

namespace hypercast::similarity {

namespace {

template <class Real>
using Matrix = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Panel = Eigen::Map<const Matrix<double>>;
using Eigen::Index;

Index length(std::size_t n) { return static_cast<Index>(n); }

std::vector<std::int64_t> drawn_anchors(std::span<const std::int64_t> order, std::size_t count,
                                        std::uint64_t seed) {
  const Random random(seed, Random::Purpose::points);
  std::vector<std::pair<double, std::int64_t>> keyed;  // key of a row, its position
  for (std::size_t i = 0; i < order.size(); ++i)
    keyed.emplace_back(random.uniform(static_cast<std::uint64_t>(order[i])), static_cast<std::int64_t>(i));
  std::partial_sort(keyed.begin(), keyed.begin() + static_cast<std::ptrdiff_t>(count), keyed.end());
  std::vector<std::int64_t> anchors;
  for (std::size_t a = 0; a < count; ++a) anchors.push_back(keyed[a].second);
  std::sort(anchors.begin(), anchors.end());
  return anchors;
}

// What the first pass finds.
struct Columns {
  Eigen::RowVectorXd sum, first;
  bool varies = false;
};

Columns columns_of(std::size_t width, const Pass& pass) {
  Columns columns{Eigen::RowVectorXd::Zero(length(width)), {}, false};
  pass([&](std::int64_t begin, std::span<const double> panel) {
    const Panel rows(panel.data(), length(panel.size() / width), length(width));
    if (begin == 0) columns.first = rows.row(0);
    for (Index i = 0; i < rows.rows(); ++i) columns.varies = columns.varies || rows.row(i) != columns.first;
    columns.sum += rows.colwise().sum();
  });
  return columns;
}

// What the second pass finds: norms and anchors, of rows less `origin`.
struct Norms {
  double mean = 0;        // of rows less `origin`
  double mean_given = 0;  // of rows as they come
  Matrix<double> anchors;
};

Norms norms_of(const FeatureShape& shape, const Eigen::RowVectorXd& origin, const Pass& pass) {
  Norms norms;
  norms.anchors.resize(length(shape.anchors.size()), origin.size());
  std::size_t next = 0;  // anchor
  pass([&](std::int64_t begin, std::span<const double> panel) {
    const Panel rows(panel.data(), length(panel.size()) / origin.size(), origin.size());
    norms.mean_given += rows.rowwise().norm().sum() / static_cast<double>(shape.n);
    norms.mean += (rows.rowwise() - origin).rowwise().norm().sum() / static_cast<double>(shape.n);
    for (; next < shape.anchors.size() && shape.anchors[next] < begin + rows.rows(); ++next)
      norms.anchors.row(length(next)) = rows.row(shape.anchors[next] - begin) - origin;
  });
  return norms;
}

// Rows of norm one; a row of zeros stays.
void to_unit_rows(Matrix<double>& rows) {
  for (Index i = 0; i < rows.rows(); ++i)
    if (const double norm = rows.row(i).norm(); norm > 0) rows.row(i) /= norm;
}

// Rows of F = X Z' written out, or X where that is smaller.
template <class Real>
void put_rows(const Matrix<double>& rows, const Matrix<double>& anchors, bool factored, Index at,
              ReadoutFeatures<Real>& f) {
  Eigen::Map<Matrix<Real>> x(f.x.data() + at * length(f.inner), rows.rows(), length(f.inner));
  if (factored)
    x = rows.template cast<Real>();
  else
    x = (rows * anchors.transpose()).template cast<Real>();
}

template <class Real>
void put_anchors(const Matrix<double>& anchors, ReadoutFeatures<Real>& f) {
  f.z.resize(static_cast<std::size_t>(anchors.size()));
  Eigen::Map<Matrix<Real>>(f.z.data(), anchors.rows(), anchors.cols()) = anchors.template cast<Real>();
}

}  // namespace

FeatureShape feature_shape(const DeltaScheme& scheme, std::span<const std::int64_t> order,
                           std::span<const std::size_t> widths) {
  FeatureShape shape;
  const std::size_t n = order.size();
  shape.n = static_cast<std::int64_t>(n);
  shape.widest = *std::max_element(widths.begin(), widths.end());
  if (scheme.map == FeatureMap::raw) {
    shape.m = shape.widest;
    return shape;
  }
  const std::size_t usual = std::min<std::size_t>(256, n / 4);
  const std::size_t wanted = scheme.anchors > 0 ? static_cast<std::size_t>(scheme.anchors) : usual;
  shape.m = scheme.map == FeatureMap::gram ? n : std::min(wanted, n);
  shape.anchors = drawn_anchors(order, shape.m, scheme.seed);
  return shape;
}

template <class Real>
ReadoutFeatures<Real> make_features(const DeltaScheme& scheme, const FeatureShape& shape, std::size_t width,
                                    const Pass& pass) {
  const Columns columns = columns_of(width, pass);
  const Eigen::RowVectorXd mean = columns.sum / static_cast<double>(shape.n);
  const Eigen::RowVectorXd origin = scheme.centred ? mean : Eigen::RowVectorXd::Zero(mean.size());
  Norms norms = norms_of(shape, origin, pass);
  const double scale = scheme.centred && norms.mean > 0 ? 1 / norms.mean : 1;

  const bool raw = scheme.map == FeatureMap::raw, relative = scheme.map == FeatureMap::relative;
  const bool factored = raw || width <= shape.m;
  ReadoutFeatures<Real> f;
  f.n = static_cast<std::size_t>(shape.n);
  f.m = shape.m;
  f.inner = factored ? width : shape.m;
  f.varies = columns.varies;
  f.finite = std::isfinite(norms.mean_given);
  f.x.resize(f.n * f.inner);
  f.gram_of_x = scheme.map == FeatureMap::gram && factored;
  norms.anchors *= scale;
  if (relative) to_unit_rows(norms.anchors);
  if (!raw && factored && !f.gram_of_x) put_anchors(norms.anchors, f);

  Signature signature(scheme, shape, width);
  pass([&](std::int64_t begin, std::span<const double> panel) {
    Matrix<double> rows = Panel(panel.data(), length(panel.size() / width), length(width)).rowwise() - origin;
    rows *= scale;
    signature.see(begin, {rows.data(), static_cast<std::size_t>(rows.size())});
    if (relative) to_unit_rows(rows);
    put_rows(rows, norms.anchors, factored, begin, f);
  });
  f.signature = signature.done({mean.data(), width}, norms.mean_given);
  return f;
}

template ReadoutFeatures<float> make_features(const DeltaScheme&, const FeatureShape&, std::size_t,
                                              const Pass&);
template ReadoutFeatures<double> make_features(const DeltaScheme&, const FeatureShape&, std::size_t,
                                               const Pass&);

}  // namespace hypercast::similarity
