#include <Eigen/Dense>
#include <cmath>

#include "similarity/families.hpp"

namespace hypercast::similarity {

namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Eigen::Index;

// The linear kernels of all models on one batch, centred: [M][rows^2], their diagonals and traces.
struct BatchKernels {
  Matrix k, diagonal;
  Eigen::VectorXd trace;
};

// Of every `step`-th panel from `first` on.
BatchKernels kernels_of(const RowBlock<double>& block, std::size_t first, std::size_t step) {
  const auto m = static_cast<Index>(block.panels.size() / step), n = static_cast<Index>(block.count);
  BatchKernels kernels{Matrix(m, n * n), Matrix(m, n), Eigen::VectorXd(m)};
  for (Index j = 0; j < m; ++j) {
    const auto panel = block.panels[static_cast<std::size_t>(j) * step + first];
    Matrix x = Eigen::Map<const Matrix>(panel.data(), n, static_cast<Index>(panel.size()) / n);
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
  for (Index a = 0; a < hsic.rows(); ++a)
    for (Index b = 0; b < hsic.cols(); ++b)
      hsic(a, b) = unbiased_hsic(n, inner(a, b), diagonal(a, b), x.trace(a), y.trace(b));
  return hsic;
}

// HSIC_1 of (x, y) [M][M], (x, x) [M], (y, y) [M] on one batch.
struct BatchHsic {
  Matrix cross;
  Eigen::VectorXd self_x, self_y;
  std::size_t size() const { return static_cast<std::size_t>(cross.size() + 2 * cross.rows()); }
};

BatchHsic hsic_of(const RowBlock<double>& block, bool both) {
  const auto x = kernels_of(block, 0, both ? 2 : 1);
  const Matrix own = hsic_of(block.count, x, x);
  if (!both) return {own, own.diagonal(), own.diagonal()};
  const auto y = kernels_of(block, 1, 2);
  return {hsic_of(block.count, x, y), own.diagonal(), hsic_of(block.count, y, y).diagonal()};
}

void add(const BatchHsic& hsic, std::span<double> to) {
  const Index square = hsic.cross.size(), m = hsic.cross.rows();
  Eigen::Map<Matrix>(to.data(), m, m) += hsic.cross;
  Eigen::Map<Eigen::VectorXd>(to.data() + square, m) += hsic.self_x;
  Eigen::Map<Eigen::VectorXd>(to.data() + square + m, m) += hsic.self_y;
}

// As few batches of at most so many rows as there can be, all of about one size: means weigh them alike.
std::vector<Range> batches_of(std::int64_t n, std::int64_t most) {
  const auto count = static_cast<int>((n + most - 1) / most);
  std::vector<Range> batches;
  for (int i = 0; i < count; ++i) batches.push_back(share_of(n, i, count));
  return batches;
}

// Sums of HSIC_1 over batches: of all, then of each group of batches, [1 + groups][M^2 + 2 M].
std::vector<double> sums_of(const Match& match, const Rows& rows, const std::vector<Range>& batches,
                            const std::vector<Range>& groups) {
  const std::size_t models = match.models(), each = models * models + 2 * models;
  // Shuffled: batches of one class would say something about that class.
  const auto order = permutation(rows.count(), match.resampling.seed, shuffle_number);
  return sum_over_blocks<double>(match.context, rows, order, batches, (1 + groups.size()) * each,
                                 [&](const RowBlock<double>& block, std::span<double> out) {
                                   const auto hsic = hsic_of(block, rows.models() > models);
                                   add(hsic, out.first(each));
                                   const auto number = static_cast<std::int64_t>(block.number);
                                   if (!groups.empty())
                                     add(hsic, out.subspan((1 + group_of(groups, number)) * each, each));
                                 });
}

// `sums` of one set of batches over `count` of them.
Scores scores_of(const BatchMeasure& measure, std::size_t models, std::span<const double> sums,
                 double count) {
  const std::size_t square = models * models;
  return scores_of_pairs(measure, models, [&](std::size_t x, std::size_t y) {
    return measure.score(sums[x * models + y] / count, sums[square + x] / count,
                         sums[square + models + y] / count);
  });
}

struct Batches {
  std::vector<Range> all, groups;  // of rows; of batches
  Batches(const Match& match, const BatchMeasure& measure)
      : all(batches_of(match.rows.count(), measure.batch())),
        groups(groups_of(count(), count() > 1 ? match.resampling.groups : 0)) {}
  std::int64_t count() const { return static_cast<std::int64_t>(all.size()); }
};

// Of all batches and of those without a group.
void give_values(const Match& match, const Rows& centred, const Batches& batches, const BatchMeasure& measure,
                 std::size_t place, const Sink& sink) {
  const auto sums = sums_of(match, centred, batches.all, batches.groups);
  const std::size_t models = match.models(), each = sums.size() / (1 + batches.groups.size());
  const auto give = [&](std::span<const double> of, std::int64_t count, const auto& take) {
    take(place, scores_of(measure, models, of, static_cast<double>(count)));
  };
  give(std::span(sums).first(each), batches.count(), sink.value);
  for (std::size_t g = 0; g < batches.groups.size(); ++g) {
    std::vector<double> rest(each);
    for (std::size_t i = 0; i < each; ++i) rest[i] = sums[i] - sums[(1 + g) * each + i];
    give(rest, batches.count() - batches.groups[g].size(), sink.without);
  }
}

void compare_batches(const Match& match, const Rows& centred, const BatchMeasure& measure, std::size_t place,
                     const Sink& sink) {
  const Batches batches(match, measure);
  const auto done = sink.done(place);
  if (!done.value) give_values(match, centred, batches, measure, place, sink);
  for (int number = done.permuted; number < match.resampling.permutations; ++number) {
    const Selected other(centred, match.order(number));
    const auto permuted = sums_of(match, Both(centred, other), batches.all, {});
    sink.permuted(place, scores_of(measure, match.models(), permuted, static_cast<double>(batches.count())));
  }
}

void compare(const Match& match, const Measures& measures, const Sink& sink) {
  const Centred centred(match.rows);
  for (std::size_t i = 0; i < measures.size(); ++i)
    compare_batches(match, centred, as_kind<BatchMeasure>(measures[i]), i, sink);
}

Demand demand(const Outline& outline, const Measures& measures) {
  Demand demand;
  const double n = outline.rows(), m = outline.models(), d = outline.columns();
  const double sides = outline.resampling.permutations > 0 ? 2 : 1;
  for (const auto* measure : measures) {
    const double batch = std::min(n, static_cast<double>(as_kind<BatchMeasure>(measure).batch()));
    demand.operations += n * batch * (d + m * m / 2) * (1 + 3.0 * outline.resampling.permutations);
    const double sums = 12 * (1.0 + outline.resampling.groups) * m * m;
    demand.memory = std::max(demand.memory, sizeof(double) * (sides * batch * (3 * d + m * batch) + sums));
  }
  return demand;
}

}  // namespace

Family batch_family() { return {"batches", is_kind<BatchMeasure>, demand, compare}; }

}  // namespace hypercast::similarity
