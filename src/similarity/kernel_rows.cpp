#include "similarity/kernel_rows.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

namespace hypercast::similarity {

namespace {

template <class Real>
using RowMajor = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class Real>
using View = Eigen::Map<const RowMajor<Real>, 0, Eigen::OuterStride<>>;

constexpr std::int64_t strip = 128;  // rows of a kernel at a time

template <class Real>
View<Real> features_of(std::span<const Real> rows, std::size_t width) {
  const auto w = static_cast<Eigen::Index>(width);
  return {rows.data(), static_cast<Eigen::Index>(rows.size() / width), w - 1, Eigen::OuterStride<>(w)};
}

template <class Real>
auto row_means_of(std::span<const Real> rows, std::size_t width) {
  using Column = Eigen::Matrix<Real, Eigen::Dynamic, 1>;
  return Eigen::Map<const Column, 0, Eigen::InnerStride<>>(
      rows.data() + width - 1, static_cast<Eigen::Index>(rows.size() / width),
      Eigen::InnerStride<>(static_cast<Eigen::Index>(width)));
}

// Squared distances of rows of KernelFeatures, never below zero.
template <class Real>
RowMajor<Real> squared_distances(std::span<const Real> x, std::span<const Real> y, std::size_t width) {
  const auto a = features_of(x, width), b = features_of(y, width);
  RowMajor<Real> d = Real(-2) * a * b.transpose();
  d.colwise() += a.rowwise().squaredNorm();
  d.rowwise() += b.rowwise().squaredNorm().transpose();
  return d.cwiseMax(Real(0));
}

// Means of the rows of a Gaussian kernel, less half their mean.
std::vector<double> gaussian_row_means(std::span<const double> rows, std::size_t width, double scale) {
  const auto n = static_cast<std::int64_t>(rows.size() / width);
  std::vector<double> means(n);
  for (const auto& block : blocks_of(n, strip)) {
    const auto some = rows.subspan(block.begin * width, block.size() * width);
    const auto k = squared_distances(some, rows, width);
    for (std::int64_t i = 0; i < block.size(); ++i) {
      double sum = 0;
      for (std::int64_t j = 0; j < n; ++j)
        sum += block.begin + i == j ? 1 : scale > 0 ? std::exp(-k(i, j) / scale) : 1;
      means[block.begin + i] = sum / static_cast<double>(n);
    }
  }
  double all = 0;
  for (const double mean : means) all += mean;
  for (double& mean : means) mean -= all / static_cast<double>(2 * n);
  return means;
}

}  // namespace

double median_squared_distance(std::span<const double> x, std::size_t width) {
  constexpr std::int64_t most = 8192;
  const auto all = static_cast<std::int64_t>(x.size() / width), n = std::min(all, most);
  Buffer<double> rows;  // with the place of the row means
  for (std::int64_t i = 0; i < n; ++i) {
    const auto row = x.subspan(i * all / n * width, width);
    rows.insert(rows.end(), row.begin(), row.end());
    rows.push_back(0);
  }
  std::vector<double> upper;
  upper.reserve(n * (n - 1) / 2);
  const std::span<const double> view(rows);
  for (const auto& block : blocks_of(n, strip)) {
    const auto from = view.subspan(block.begin * (width + 1));  // rows before them have met them
    const auto d = squared_distances(from.first(block.size() * (width + 1)), from, width + 1);
    for (Eigen::Index i = 0; i < d.rows(); ++i)
      for (Eigen::Index j = i + 1; j < d.cols(); ++j) upper.push_back(d(i, j));
  }
  // Sorted, all n^2 are n zeros and then each of `upper` twice.
  const auto at = [&](std::int64_t k) {
    if (k < n) return 0.0;
    const auto place = upper.begin() + (k - n) / 2;
    std::nth_element(upper.begin(), place, upper.end());
    return *place;
  };
  return n % 2 == 1 ? at(n * n / 2) : (at(n * n / 2 - 1) + at(n * n / 2)) / 2;
}

KernelFeatures::KernelFeatures(const Rows& centred, const Kernel& kernel)
    : centred_(centred),
      kernel_(kernel),
      widths_(centred.widths()),
      scales_(widths_.size()),
      row_means_(widths_.size()) {
  for (auto& width : widths_) ++width;
  if (kernel.kind == Kernel::Kind::linear) return;
  for (std::size_t model = 0; model < widths_.size(); ++model) {
    if (!ownership().has(model)) continue;
    const double median = median_squared_distance(whole(centred, model), widths_[model] - 1);
    scales_[model] = 2 * kernel.bandwidth * kernel.bandwidth * median;
    row_means_[model].assign(count(), 0.0);
    row_means_[model] = gaussian_row_means(whole(*this, model), widths_[model], scales_[model]);
  }
}

void KernelFeatures::read(std::size_t model, std::span<const std::int64_t> rows,
                          std::span<double> out) const {
  const std::size_t width = widths_[model];
  Buffer<double> x(rows.size() * (width - 1));
  centred_.read(model, rows, x);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::copy_n(x.begin() + i * (width - 1), width - 1, out.begin() + i * width);
    out[(i + 1) * width - 1] = row_means_[model].empty() ? 0 : row_means_[model][rows[i]];
  }
}

template <class Real>
void kernel_tile(const Kernel& kernel, double scale, std::span<const Real> x, std::span<const Real> y,
                 std::size_t width, std::span<Real> out) {
  const auto a = features_of(x, width), b = features_of(y, width);
  Eigen::Map<RowMajor<Real>> k(out.data(), a.rows(), b.rows());
  if (kernel.kind == Kernel::Kind::linear) {
    k.noalias() = a * b.transpose();
    return;
  }
  if (scale > 0)
    k = (squared_distances(x, y, width).array() * static_cast<Real>(-1 / scale)).exp();
  else
    k.setOnes();
  k.colwise() -= row_means_of(x, width);
  k.rowwise() -= row_means_of(y, width).transpose();
}

namespace {

// Of the linear kernel, whose sum over a group is its product with the sum of the group's rows: [n][1 +
// groups].
Buffer<double> linear_rows(const KernelFeatures& features, std::size_t model, std::span<const Range> groups) {
  const auto width = static_cast<Eigen::Index>(features.widths()[model]);
  const auto columns = static_cast<Eigen::Index>(1 + groups.size());
  const auto order = all_rows(features.count());
  RowMajor<double> sums = RowMajor<double>::Zero(columns - 1, width), block;
  const auto read = [&](const Range& rows) {
    block.resize(rows.size(), width);
    features.read(model, std::span(order).subspan(rows.begin, rows.size()),
                  {block.data(), static_cast<std::size_t>(block.size())});
  };
  for (std::size_t g = 0; g < groups.size(); ++g)
    for (const auto& rows : blocks_of(groups[g].size(), strip)) {
      read({groups[g].begin + rows.begin, groups[g].begin + rows.end});
      sums.row(static_cast<Eigen::Index>(g)) += block.colwise().sum();
    }
  Buffer<double> out(features.count() * columns);
  Eigen::Map<RowMajor<double>> values(out.data(), features.count(), columns);
  for (const auto& rows : blocks_of(features.count(), strip)) {
    read(rows);
    values.col(0).segment(rows.begin, rows.size()) = block.rowwise().squaredNorm();
    values.rightCols(columns - 1).middleRows(rows.begin, rows.size()).noalias() = block * sums.transpose();
  }
  return out;
}

Buffer<double> gaussian_rows(const KernelFeatures& features, std::size_t model,
                             std::span<const Range> groups) {
  const std::size_t width = features.widths()[model], columns = 1 + groups.size();
  const auto rows = whole(features, model);
  const std::span<const double> view(rows);
  Buffer<double> out(features.count() * columns), tile;
  const auto sum_into = [&](std::size_t column, const Range& block, const Range& group) {
    const auto some = view.subspan(block.begin * width, block.size() * width);
    const auto others = view.subspan(group.begin * width, group.size() * width);
    tile.resize(block.size() * group.size());
    kernel_tile<double>(features.kernel(), features.scale(model), some, others, width, tile);
    for (std::size_t i = 0; i < tile.size(); ++i)
      out[(block.begin + i / group.size()) * columns + column] += tile[i];
  };
  for (std::int64_t i = 0; i < features.count(); ++i) sum_into(0, {i, i + 1}, {i, i + 1});
  for (std::size_t g = 0; g < groups.size(); ++g)
    for (const auto& block : blocks_of(features.count(), strip)) sum_into(1 + g, block, groups[g]);
  return out;
}

}  // namespace

Stored kernel_rows(const KernelFeatures& features, std::span<const Range> groups,
                   const Resources& resources) {
  const auto n = features.count();
  const std::size_t width = 1 + groups.size();
  const Range mine = features.ownership().mine();
  const auto scratch =
      room_for(8.0 * static_cast<double>(mine.size() * n) * static_cast<double>(width), resources);
  std::vector<std::optional<Store>> stores(features.models());
  for (auto j = mine.begin; j < mine.end; ++j) {
    const bool linear = features.kernel().kind == Kernel::Kind::linear;
    stores[j] = stored(linear ? linear_rows(features, j, groups) : gaussian_rows(features, j, groups), n,
                       width, scratch);
  }
  return Stored(n, std::vector<std::size_t>(features.models(), width), features.ownership(),
                std::move(stores));
}

template void kernel_tile<float>(const Kernel&, double, std::span<const float>, std::span<const float>,
                                 std::size_t, std::span<float>);
template void kernel_tile<double>(const Kernel&, double, std::span<const double>, std::span<const double>,
                                  std::size_t, std::span<double>);

}  // namespace hypercast::similarity
