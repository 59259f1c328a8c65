#include <Eigen/Dense>
#include <memory>

#include "core/ordered_sum.hpp"
#include "similarity/families.hpp"

namespace hypercast::similarity {

namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// The linear kernels of all models on one batch, centred: [M][rows^2], their diagonals and traces.
struct BatchKernels {
  Matrix k, diagonal;
  Eigen::VectorXd trace;
};

// Columns [begin, begin + width) of panels [rows][stride].
BatchKernels kernels_of(const RowBlock<double>& block, const std::vector<std::size_t>& widths, bool second) {
  const auto m = static_cast<Eigen::Index>(widths.size()), n = static_cast<Eigen::Index>(block.count);
  BatchKernels kernels{Matrix(m, n * n), Matrix(m, n), Eigen::VectorXd(m)};
  for (Eigen::Index j = 0; j < m; ++j) {
    const auto panel = block.panels[j];
    const auto width = static_cast<Eigen::Index>(widths[j]),
               stride = static_cast<Eigen::Index>(panel.size()) / n;
    Matrix x = Eigen::Map<const Matrix>(panel.data(), n, stride).middleCols(second ? width : 0, width);
    x.rowwise() -= x.colwise().mean().eval();
    Eigen::Map<Matrix> k(kernels.k.row(j).data(), n, n);
    k.noalias() = x * x.transpose();
    kernels.diagonal.row(j) = k.diagonal().transpose();
    kernels.trace(j) = k.trace();
  }
  return kernels;
}

Matrix hsic_of(std::int64_t n, const BatchKernels& x, const BatchKernels& y) {
  const Matrix inner = x.k * y.k.transpose(), diagonal = x.diagonal * y.diagonal.transpose();
  Matrix hsic(inner.rows(), inner.cols());
  for (Eigen::Index a = 0; a < hsic.rows(); ++a)
    for (Eigen::Index b = 0; b < hsic.cols(); ++b)
      hsic(a, b) = unbiased_hsic(n, inner(a, b), diagonal(a, b), x.trace(a), y.trace(b));
  return hsic;
}

// Batches of so many rows; what is left over and too small for the estimator goes with the last.
std::vector<Range> batches_of(std::int64_t n, std::int64_t batch) {
  auto batches = blocks_of(n, batch);
  if (batches.size() > 1 && batches.back().size() < 4) {
    batches.pop_back();
    batches.back().end = n;
  }
  return batches;
}

BatchMeans means_of(std::span<const double> sums, double count, std::size_t models) {
  BatchMeans means{models, {}, {}, {}};
  for (std::size_t i = 0; i < sums.size(); ++i)
    (i < models * models            ? means.cross
     : i < models * models + models ? means.self_x
                                    : means.self_y)
        .push_back(sums[i] / count);
  return means;
}

}  // namespace

std::vector<BatchMeans> batch_means(const Match& match, const std::vector<std::int64_t>& order,
                                    std::int64_t batch, int groups, std::uint64_t seed) {
  const auto n = match.rows.count();
  const std::size_t models = match.models(), each = models * models + 2 * models;
  const auto batches = batches_of(n, batch);
  const auto count = static_cast<std::int64_t>(batches.size());
  const auto parts = groups_of(count, count > 1 ? groups : 0);
  const Comm& comm = match.context.comm;
  const Range mine = share_of(count, comm.rank(), comm.size());
  OrderedSum sum(count, (1 + parts.size()) * each);
  const Selected other(match.rows, order);
  std::unique_ptr<Beside> beside;
  if (!order.empty()) beside = std::make_unique<Beside>(match.rows, other);
  const Rows& rows = beside ? static_cast<const Rows&>(*beside) : match.rows;
  // Shuffled: batches of one class would say something about that class.
  stream<double>(comm, rows, permutation(n, seed, shuffle_number), batches,
                 [&](const RowBlock<double>& block) {
                   const auto number = static_cast<std::int64_t>(block.number);
                   if (number < mine.begin || number >= mine.end) return;
                   const auto x = kernels_of(block, match.rows.widths(), false);
                   const auto y = beside ? kernels_of(block, match.rows.widths(), true) : x;
                   const Matrix cross = hsic_of(block.count, x, y);
                   const Matrix self_x = beside ? hsic_of(block.count, x, x) : cross;
                   const Matrix self_y = beside ? hsic_of(block.count, y, y) : cross;
                   std::vector<double> term((1 + parts.size()) * each);
                   const auto put = [&](std::size_t at) {
                     for (Eigen::Index i = 0; i < cross.size(); ++i) term[at++] = cross.data()[i];
                     for (Eigen::Index j = 0; j < cross.rows(); ++j) term[at++] = self_x(j, j);
                     for (Eigen::Index j = 0; j < cross.rows(); ++j) term[at++] = self_y(j, j);
                   };
                   put(0);
                   if (!parts.empty()) put((1 + group_of(parts, number)) * each);
                   sum.add(number, term);
                 });
  const auto sums = sum.total(comm);
  std::vector<BatchMeans> means{means_of(std::span(sums).first(each), static_cast<double>(count), models)};
  for (std::size_t g = 0; g < parts.size(); ++g) {
    std::vector<double> rest(sums.begin(), sums.begin() + each);
    for (std::size_t i = 0; i < each; ++i) rest[i] -= sums[(1 + g) * each + i];
    means.push_back(means_of(rest, static_cast<double>(count - parts[g].size()), models));
  }
  return means;
}

}  // namespace hypercast::similarity
