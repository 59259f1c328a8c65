#include "similarity/pairs.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <memory>

#include "core/error.hpp"

namespace hypercast::similarity {

namespace {

template <class Real>
using RowMajor = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// Numbers of the matrix of a pair, one at least.
double cost(const Rows& y, const Pair& pair) {
  return std::max(1.0, static_cast<double>(pair.columns.size()) * static_cast<double>(y.widths()[pair.y]));
}

// Stretches of about equal cost, one a rank, which tile all pairs.
Range share_by_cost(const Rows& y, const std::vector<Pair>& pairs, int rank, int ranks) {
  double all = 0;
  for (const auto& pair : pairs) all += cost(y, pair);
  const auto first = [&](int of) {  // the pair in whose middle the stretch of a rank begins
    double passed = 0;
    std::int64_t number = 0;
    for (const auto& pair : pairs) {
      if (passed + cost(y, pair) / 2 >= all * of / ranks) break;
      passed += cost(y, pair);
      ++number;
    }
    return number;
  };
  return {first(rank), rank + 1 < ranks ? first(rank + 1) : static_cast<std::int64_t>(pairs.size())};
}

// Stretches of a share whose matrices fit into memory together, at least one pair each.
std::vector<Range> rounds_of(const Rows& y, const std::vector<Pair>& pairs, const Range& share, double most) {
  std::vector<Range> rounds;
  double size = 0;
  for (auto i = share.begin; i < share.end; ++i) {
    const double own = cost(y, pairs[i]);
    if (rounds.empty() || size + own > most) {
      rounds.push_back({i, i});
      size = 0;
    }
    size += own;
    rounds.back().end = i + 1;
  }
  return rounds;
}

// matrix[columns][dy] += X' Y with these columns of X.
template <class Real>
void add_product(std::span<const Real> x, const Range& columns, std::span<const Real> y, std::int64_t rows,
                 std::span<double> matrix) {
  const auto n = static_cast<Eigen::Index>(rows);
  const Eigen::Map<const RowMajor<Real>> all(x.data(), n, static_cast<Eigen::Index>(x.size()) / n);
  const Eigen::Map<const RowMajor<Real>> b(y.data(), n, static_cast<Eigen::Index>(y.size()) / n);
  const auto a = all.middleCols(columns.begin, columns.size());
  Eigen::Map<RowMajor<double>> to(matrix.data(), a.cols(), b.cols());
  if constexpr (std::is_same_v<Real, double>)
    to.noalias() += a.transpose() * b;
  else
    to += (a.transpose() * b).eval().template cast<double>();
}

double row_size(const Rows& rows) {
  double columns = 0;
  for (const auto width : rows.widths()) columns += static_cast<double>(width);
  return columns;
}

template <class Real>
void run(const Context& context, const Rows& x, const Rows& y, const std::vector<Pair>& pairs,
         const std::vector<Range>& groups, const Resources& resources,
         const std::function<void(std::size_t, std::span<const double>)>& see) {
  std::unique_ptr<Both> both;
  if (&x != &y) both = std::make_unique<Both>(x, y);
  const Rows& rows = both ? static_cast<const Rows&>(*both) : x;
  const auto blocks =
      blocks_within(x.count(), groups, rows_of_block(resources, sizeof(Real) * row_size(rows), 512));
  const auto order = all_rows(x.count());
  const std::size_t parts = std::max<std::size_t>(1, groups.size());
  const auto size = [&](std::int64_t pair) {
    return static_cast<std::size_t>(pairs[pair].columns.size()) * y.widths()[pairs[pair].y];
  };
  const Range share = share_by_cost(y, pairs, context.comm.rank(), context.comm.size());
  const auto rounds =
      rounds_of(y, pairs, share, resources.memory / 2 / sizeof(double) / static_cast<double>(parts));
  const auto most = context.comm.max(static_cast<std::int64_t>(rounds.size()));
  for (std::int64_t round = 0; round < most; ++round) {
    const Range mine = round < static_cast<std::int64_t>(rounds.size()) ? rounds[round] : Range{};
    std::vector<Buffer<double>> matrices(mine.size());
    for (auto i = mine.begin; i < mine.end; ++i) matrices[i - mine.begin].resize(parts * size(i));
    stream<Real>(context, rows, order, blocks, [&](const RowBlock<Real>& block) {
      const std::size_t group = groups.empty() ? 0 : group_of(groups, block.begin);
      const auto panel = [&](std::size_t model, std::size_t side) {
        return block.panels[both ? 2 * model + side : model];
      };
      for (auto i = mine.begin; i < mine.end; ++i)
        if (size(i) > 0)
          add_product<Real>(panel(pairs[i].x, 0), pairs[i].columns, panel(pairs[i].y, 1), block.count,
                            std::span(matrices[i - mine.begin]).subspan(group * size(i), size(i)));
    });
    for (auto i = mine.begin; i < mine.end; ++i) see(static_cast<std::size_t>(i), matrices[i - mine.begin]);
  }
}

}  // namespace

std::vector<Pair> pairs_of(const Rows& rows, bool ordered) {
  std::vector<Pair> pairs;
  for (std::size_t x = 0; x < rows.models(); ++x)
    for (std::size_t y = ordered ? 0 : x; y < rows.models(); ++y)
      pairs.push_back({x, y, {0, static_cast<std::int64_t>(rows.widths()[x])}});
  return pairs;
}

std::vector<Pair> cut(const std::vector<Pair>& pairs, const Rows& y, double most) {
  std::vector<Pair> parts;
  for (const auto& pair : pairs) {
    const double row = std::max(1.0, static_cast<double>(y.widths()[pair.y]));
    const auto columns = std::max<std::int64_t>(1, static_cast<std::int64_t>(std::min(most / row, 1e9)));
    for (const auto& some : blocks_of(pair.columns.size(), columns)) parts.push_back({pair.x, pair.y, some});
    if (pair.columns.size() == 0) parts.push_back(pair);
  }
  return parts;
}

void products_of_pairs(const Context& context, const Rows& x, const Rows& y, const std::vector<Pair>& pairs,
                       const std::vector<Range>& groups, const Resources& resources,
                       const std::function<void(std::size_t, std::span<const double>)>& see) {
  if (resources.single)
    run<float>(context, x, y, pairs, groups, resources, see);
  else
    run<double>(context, x, y, pairs, groups, resources, see);
}

namespace {

// Numbers of a score, for messages.
constexpr std::size_t numbers_of(const double&) { return 1; }
constexpr std::size_t numbers_of(const Score&) { return 2; }
void put(double value, std::vector<double>& numbers) { numbers.push_back(value); }
void put(const Score& score, std::vector<double>& numbers) {
  numbers.insert(numbers.end(), {score.value, static_cast<double>(score.status)});
}
void get(const double* numbers, double& value) { value = *numbers; }
void get(const double* numbers, Score& score) {
  score = {numbers[0], static_cast<Status>(static_cast<int>(numbers[1]))};
}

}  // namespace

template <class T>
std::span<T> PairResults<T>::of(std::size_t pair) {
  mine_[pair] = 1;
  return std::span(values_).subspan(pair * each_, each_);
}

template <class T>
std::vector<T> PairResults<T>::gather(const Comm& comm) const {
  std::vector<std::int64_t> pairs;
  std::vector<double> numbers;
  for (std::size_t pair = 0; pair < mine_.size(); ++pair) {
    if (!mine_[pair]) continue;
    pairs.push_back(static_cast<std::int64_t>(pair));
    for (std::size_t i = 0; i < each_; ++i) put(values_[pair * each_ + i], numbers);
  }
  pairs = comm.all_gather<std::int64_t>(pairs);
  numbers = comm.all_gather<double>(numbers);
  auto sorted = pairs;
  std::sort(sorted.begin(), sorted.end());
  check(sorted == all_rows(static_cast<std::int64_t>(mine_.size())),
        "a pair of models that no rank, or more than one, has looked at");
  std::vector<T> all(values_.size());
  const double* at = numbers.data();
  for (const auto pair : pairs)
    for (std::size_t i = 0; i < each_; ++i) {
      get(at, all[pair * each_ + i]);
      at += numbers_of(all[pair * each_ + i]);
    }
  return all;
}

template class PairResults<double>;
template class PairResults<Score>;

}  // namespace hypercast::similarity
