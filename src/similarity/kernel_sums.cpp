#include "similarity/kernel_sums.hpp"

#include <Eigen/Dense>
#include <memory>

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

// COLLECTIVE. The sums over the rows that are left, of the rows of the kernel over the rows that are left:
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

// Of the rows of one rest: their sums of rows, and the diagonal of the kernel centred over them.
class RestSums {
 public:
  RestSums(const Rest& rest, std::size_t number, std::size_t models, std::span<const double> totals)
      : rest_(rest),
        number_(number),
        total_(Eigen::Map<const Eigen::RowVectorXd>(totals.data(), static_cast<Eigen::Index>(models))),
        row_products_(Matrix::Zero(total_.size(), total_.size())),
        diagonal_products_(row_products_),
        trace_(Eigen::RowVectorXd::Zero(total_.size())) {}

  // Of kernel_rows.
  void add(const RowBlock<double>& block) {
    const auto m = total_.size();
    const double n = static_cast<double>(rest_.n);
    Matrix sums = Matrix::Zero(block.count, m), diagonal = sums;
    for (Eigen::Index j = 0; j < m; ++j) {
      const auto panel = block.panels[j];
      const std::size_t width = panel.size() / block.count;
      for (std::int64_t i = 0; i < block.count; ++i) {
        if (!rest_.has(block.begin + i)) continue;
        const double k = number_ > 0 ? -panel[i * width + number_] : 0;
        sums(i, j) = k;
        diagonal(i, j) = panel[i * width] - 2 * k / n + total_(j) / (n * n);
      }
    }
    row_products_.noalias() += sums.transpose() * sums;
    diagonal_products_.noalias() += diagonal.transpose() * diagonal;
    trace_ += diagonal.colwise().sum();
  }

  // `products`: of the kernels centred over all rows, on the rows that are left.
  KernelSums sums(std::span<const double> products) const {
    const auto m = total_.size();
    const double n = static_cast<double>(rest_.n);
    const Matrix inner = Eigen::Map<const Matrix>(products.data(), m, m) - 2 / n * row_products_ +
                         total_.transpose() * total_ / (n * n);
    KernelSums sums;
    sums.n = rest_.n;
    sums.models = static_cast<std::size_t>(m);
    sums.inner.assign(inner.data(), inner.data() + inner.size());
    sums.diagonal.assign(diagonal_products_.data(), diagonal_products_.data() + diagonal_products_.size());
    for (Eigen::Index j = 0; j < m; ++j) {
      sums.self.push_back(inner(j, j));
      sums.self_diagonal.push_back(diagonal_products_(j, j));
      sums.trace.push_back(trace_(j));
    }
    return sums;
  }

 private:
  Rest rest_;
  std::size_t number_;
  Eigen::RowVectorXd total_;
  Matrix row_products_, diagonal_products_;
  Eigen::RowVectorXd trace_;
};

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

std::vector<KernelSums> kernel_sums(const Context& context, const Rows& features, const Kernel& kernel,
                                    const std::vector<Range>& groups, const Resources& resources,
                                    std::optional<Route> route) {
  const KernelFeatures rows(features, kernel);
  const std::size_t models = rows.models(), square = models * models;
  const auto all = products(context, {rows}, groups, resources, route);
  const auto of_rows = kernel_rows(rows, groups);
  std::vector<Rest> rests{{rows.count(), {}}};
  for (const auto& group : groups) rests.push_back({rows.count() - group.size(), group});
  const auto sums = totals(context.comm, of_rows, rests);
  std::vector<RestSums> parts;
  for (std::size_t g = 0; g < rests.size(); ++g)
    parts.emplace_back(rests[g], g, models, std::span(sums).subspan(g * models, models));
  stream<double>(context.comm, of_rows, all_rows(rows.count()), blocks_of(rows.count(), some_rows),
                 [&](const RowBlock<double>& block) {
                   for (auto& part : parts) part.add(block);
                 });
  std::vector<KernelSums> results;
  for (std::size_t g = 0; g < parts.size(); ++g)
    results.push_back(parts[g].sums(std::span(all).subspan(g * square, square)));
  return results;
}

KernelSums permuted_kernel_sums(const Context& context, const Rows& left, const Rows& right,
                                const Kernel& kernel, const KernelSums& known, const Resources& resources,
                                std::optional<Route> route) {
  const KernelFeatures x(left, kernel), y(right, kernel);
  KernelSums sums = known;
  sums.inner = products(context, {x, &y}, {}, resources, route);
  const auto of_x = kernel_rows(x, {}), of_y = kernel_rows(y, {});
  const auto m = static_cast<Eigen::Index>(x.models());
  Matrix diagonal = Matrix::Zero(m, m);
  stream<double>(context.comm, Beside(of_x, of_y), all_rows(x.count()), blocks_of(x.count(), some_rows),
                 [&](const RowBlock<double>& block) {
                   Matrix a(block.count, m), b(block.count, m);
                   for (Eigen::Index j = 0; j < m; ++j)
                     for (std::int64_t i = 0; i < block.count; ++i) {
                       a(i, j) = block.panels[j][2 * i];
                       b(i, j) = block.panels[j][2 * i + 1];
                     }
                   diagonal.noalias() += a.transpose() * b;
                 });
  sums.diagonal.assign(diagonal.data(), diagonal.data() + diagonal.size());
  return sums;
}

}  // namespace hypercast::similarity
