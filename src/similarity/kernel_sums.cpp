#include "similarity/kernel_sums.hpp"

#include <Eigen/Dense>
#include <algorithm>

#include "similarity/kernel_products.hpp"

namespace hypercast::similarity {

namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// Rows that are left when a group is taken out.
struct Rest {
  std::int64_t n;
  Range without;
  bool has(std::int64_t row) const { return row < without.begin || row >= without.end; }
};

// COLLECTIVE. The sum over the rows that are left, of the rows of the kernel over the rows that are left:
// t = sum_ij Kc_ij of the rest, [rests][M].
std::vector<double> totals(const Comm& comm, const Rows& rows, const std::vector<Rest>& rests) {
  const Range mine = rows.ownership().mine();
  std::vector<double> own;
  for (auto j = mine.begin; j < mine.end; ++j) {
    const auto values = whole(rows, j);
    const std::size_t width = rows.widths()[j];
    for (std::size_t g = 0; g < rests.size(); ++g) {
      double sum = 0;
      for (std::int64_t i = 0; g > 0 && i < rows.count(); ++i)
        if (rests[g].has(i)) sum -= values[i * width + g];  // Kc has no row sums over all
      own.push_back(sum);
    }
  }
  const auto all = comm.all_gather<double>(own);  // [M][rests]
  std::vector<double> result(all.size());
  for (std::size_t i = 0; i < all.size(); ++i)
    result[i % rests.size() * rows.models() + i / rests.size()] = all[i];
  return result;
}

// What one rest needs beside products of kernels: products of the sums of rows and of diagonals of the kernel
// centred over the rest, and traces. Adds those of a block of kernel_rows to out[2 M^2 + M].
void add_rest(const Rest& rest, std::size_t number, std::span<const double> total,
              const RowBlock<double>& block, std::span<double> out) {
  const auto m = static_cast<Eigen::Index>(total.size());
  const double n = static_cast<double>(rest.n);
  Matrix sums = Matrix::Zero(block.count, m), diagonal = sums;
  for (Eigen::Index j = 0; j < m; ++j) {
    const auto panel = block.panels[j];
    const std::size_t width = panel.size() / block.count;
    for (std::int64_t i = 0; i < block.count; ++i) {
      if (!rest.has(block.begin + i)) continue;
      const double k = number > 0 ? -panel[i * width + number] : 0;
      sums(i, j) = k;
      diagonal(i, j) = panel[i * width] - 2 * k / n + total[j] / (n * n);
    }
  }
  Eigen::Map<Matrix>(out.data(), m, m).noalias() += sums.transpose() * sums;
  Eigen::Map<Matrix>(out.data() + m * m, m, m).noalias() += diagonal.transpose() * diagonal;
  Eigen::Map<Eigen::RowVectorXd>(out.data() + 2 * m * m, m) += diagonal.colwise().sum();
}

// `products`: of the kernels centred over all rows, on the rows that are left; `found`: as add_rest makes it.
KernelSums sums_of_rest(const Rest& rest, std::span<const double> total, std::span<const double> products,
                        std::span<const double> found) {
  const auto m = static_cast<Eigen::Index>(total.size());
  const std::size_t square = total.size() * total.size();
  const double n = static_cast<double>(rest.n);
  const Eigen::Map<const Eigen::RowVectorXd> t(total.data(), m);
  const Matrix inner = Eigen::Map<const Matrix>(products.data(), m, m) -
                       2 / n * Eigen::Map<const Matrix>(found.data(), m, m) + t.transpose() * t / (n * n);
  KernelSums sums;
  sums.n = rest.n;
  sums.models = total.size();
  sums.inner.assign(inner.data(), inner.data() + inner.size());
  sums.diagonal.assign(found.begin() + square, found.begin() + 2 * square);
  sums.trace.assign(found.begin() + 2 * square, found.end());
  for (Eigen::Index j = 0; j < m; ++j) {
    sums.self.push_back(inner(j, j));
    sums.self_diagonal.push_back(sums.diagonal[j * m + j]);
  }
  return sums;
}

std::vector<double> products(const Context& context, const Sides& sides, const std::vector<Range>& groups,
                             const Resources& resources, std::optional<Route> route) {
  std::size_t columns = 0;
  for (const auto width : sides.x.widths()) columns += width - 1;
  const Route taken =
      route.value_or(cheaper_route(sides.x.kernel(), sides.x.count(), sides.x.models(), columns));
  return taken == Route::tiles ? products_by_tiles(context, sides, groups, resources)
                               : products_by_covariances(context, sides, groups, resources);
}

constexpr std::int64_t some_rows = 256;

}  // namespace

KernelPair KernelSums::pair(std::size_t x, std::size_t y) const {
  return {n,
          inner[x * models + y],
          self[x],
          self[y],
          diagonal[x * models + y],
          self_diagonal[x],
          self_diagonal[y],
          trace[x],
          trace[y]};
}

Route cheaper_route(const Kernel& kernel, std::int64_t n, std::size_t models, std::size_t columns) {
  const auto rows = static_cast<double>(n), m = static_cast<double>(models), d = static_cast<double>(columns);
  const double tiles = rows * rows * d + rows * rows * m * m / 2, covariances = rows * d * d;
  return kernel.kind == Kernel::Kind::linear && covariances < tiles ? Route::covariances : Route::tiles;
}

std::vector<KernelSums> kernel_sums(const Context& context, const KernelFeatures& features,
                                    const std::vector<Range>& groups, const Resources& resources,
                                    std::optional<Route> route) {
  const std::size_t models = features.models(), square = models * models, each = 2 * square + models;
  const auto all = products(context, {features}, groups, resources, route);
  const auto rows = kernel_rows(features, groups, resources);
  std::vector<Rest> rests{{features.count(), {}}};
  for (const auto& group : groups) rests.push_back({features.count() - group.size(), group});
  const auto sums = totals(context.comm, rows, rests);
  const auto total = [&](std::size_t g) { return std::span(sums).subspan(g * models, models); };
  // Some rests at a time, since their sums stand in memory a dozen times.
  const auto at_once = static_cast<std::int64_t>(resources.memory / 8 / 12 / sizeof(double) / each);
  std::vector<KernelSums> results;
  for (const auto& some :
       blocks_of(static_cast<std::int64_t>(rests.size()), std::max<std::int64_t>(1, at_once))) {
    const auto found = sum_over_blocks<double>(
        context, rows, all_rows(features.count()), blocks_of(features.count(), some_rows), some.size() * each,
        [&](const RowBlock<double>& block, std::span<double> out) {
          for (auto g = some.begin; g < some.end; ++g)
            add_rest(rests[g], g, total(g), block, out.subspan((g - some.begin) * each, each));
        });
    for (auto g = some.begin; g < some.end; ++g)
      results.push_back(sums_of_rest(rests[g], total(g), std::span(all).subspan(g * square, square),
                                     std::span(found).subspan((g - some.begin) * each, each)));
  }
  return results;
}

KernelSums permuted_kernel_sums(const Context& context, const KernelFeatures& features,
                                const std::vector<std::int64_t>& order, const KernelSums& known,
                                const Resources& resources, std::optional<Route> route) {
  const Selected y(features, order);
  KernelSums sums = known;
  sums.inner = products(context, {features, &y}, {}, resources, route);
  const auto of_x = kernel_rows(features, {}, resources);
  const auto m = static_cast<Eigen::Index>(features.models());
  const auto column = [](std::span<const double> panel) {
    return Eigen::Map<const Eigen::VectorXd>(panel.data(), static_cast<Eigen::Index>(panel.size()));
  };
  sums.diagonal =
      sum_over_blocks<double>(context, Both(of_x, Selected(of_x, order)), all_rows(features.count()),
                              blocks_of(features.count(), some_rows), static_cast<std::size_t>(m * m),
                              [&](const RowBlock<double>& block, std::span<double> out) {
                                Eigen::MatrixXd a(block.count, m), b(block.count, m);
                                for (Eigen::Index j = 0; j < m; ++j) {
                                  a.col(j) = column(block.panels[2 * j]);
                                  b.col(j) = column(block.panels[2 * j + 1]);
                                }
                                Eigen::Map<Matrix>(out.data(), m, m).noalias() += a.transpose() * b;
                              });
  return sums;
}

}  // namespace hypercast::similarity
