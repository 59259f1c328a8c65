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

// What the second pass finds, of rows less `origin`.
struct Norms {
  double mean = 0;        // of rows less `origin`
  double mean_given = 0;  // of rows as they come
  Matrix<double> anchors;
};

// With the rows at these positions as anchors.
Norms norms_of(std::int64_t n, std::span<const std::int64_t> anchors, const Eigen::RowVectorXd& origin,
               const Pass& pass) {
  Norms norms;
  norms.anchors.resize(length(anchors.size()), origin.size());
  std::size_t next = 0;  // anchor
  pass([&](std::int64_t begin, std::span<const double> panel) {
    const Panel rows(panel.data(), length(panel.size()) / origin.size(), origin.size());
    norms.mean_given += rows.rowwise().norm().sum() / static_cast<double>(n);
    norms.mean += (rows.rowwise() - origin).rowwise().norm().sum() / static_cast<double>(n);
    for (; next < anchors.size() && anchors[next] < begin + rows.rows(); ++next)
      norms.anchors.row(length(next)) = rows.row(anchors[next] - begin) - origin;
  });
  return norms;
}

// Rows of norm one; a row of zeros stays.
void to_unit_rows(Matrix<double>& rows) {
  for (Index i = 0; i < rows.rows(); ++i)
    if (const double norm = rows.row(i).norm(); norm > 0) rows.row(i) /= norm;
}

template <class Real>
std::span<const Real> numbers(const Matrix<Real>& rows) {
  return {rows.data(), static_cast<std::size_t>(rows.size())};
}

// Rows of F = X Z' written out, or X where that is smaller.
template <class Real>
void put_rows(const Matrix<double>& rows, const Matrix<double>& anchors, bool factored,
              ReadoutFeatures<Real>& f) {
  const Matrix<Real> x = factored ? Matrix<Real>(rows.template cast<Real>())
                                  : Matrix<Real>((rows * anchors.transpose()).template cast<Real>());
  f.x.append(numbers(x));
}

}  // namespace

template <class Real>
std::span<const Real> ReadoutFeatures<Real>::anchors(const Range& range, Buffer<Real>& room) const {
  if (z_is_x) return x.rows(range, room);
  return std::span(z).subspan(static_cast<std::size_t>(range.begin) * inner,
                              static_cast<std::size_t>(range.size()) * inner);
}

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
                                    const Pass& pass, std::shared_ptr<io::Scratch> scratch) {
  const bool raw = scheme.map == FeatureMap::raw, relative = scheme.map == FeatureMap::relative;
  const bool factored = raw || width <= shape.m;
  ReadoutFeatures<Real> f;
  f.n = static_cast<std::size_t>(shape.n);
  f.m = shape.m;
  f.inner = factored ? width : shape.m;
  f.x = KeptRows<Real>(f.n, f.inner, std::move(scratch));
  f.z_is_x = scheme.map == FeatureMap::gram && factored;

  const Columns columns = columns_of(width, pass);
  const Eigen::RowVectorXd mean = columns.sum / static_cast<double>(shape.n);
  const Eigen::RowVectorXd origin = scheme.centred ? mean : Eigen::RowVectorXd::Zero(mean.size());
  Norms norms = norms_of(shape.n, f.z_is_x ? std::span<const std::int64_t>() : shape.anchors, origin, pass);
  const double scale = scheme.centred && norms.mean > 0 ? 1 / norms.mean : 1;
  f.varies = columns.varies;
  f.finite = std::isfinite(norms.mean_given);
  norms.anchors *= scale;
  if (relative) to_unit_rows(norms.anchors);
  if (factored) {
    f.z.assign(norms.anchors.data(), norms.anchors.data() + norms.anchors.size());
    norms.anchors.resize(0, 0);
  }

  Signature signature(scheme, shape, width);
  pass([&](std::int64_t begin, std::span<const double> panel) {
    Matrix<double> rows = Panel(panel.data(), length(panel.size() / width), length(width)).rowwise() - origin;
    rows *= scale;
    signature.see(begin, numbers(rows));
    if (relative) to_unit_rows(rows);
    put_rows(rows, norms.anchors, factored, f);
  });
  f.signature = signature.done({mean.data(), width}, norms.mean_given);
  return f;
}

template struct ReadoutFeatures<float>;
template struct ReadoutFeatures<double>;
template ReadoutFeatures<float> make_features(const DeltaScheme&, const FeatureShape&, std::size_t,
                                              const Pass&, std::shared_ptr<io::Scratch>);
template ReadoutFeatures<double> make_features(const DeltaScheme&, const FeatureShape&, std::size_t,
                                               const Pass&, std::shared_ptr<io::Scratch>);

}  // namespace hypercast::similarity
