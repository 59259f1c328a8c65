#include "similarity/pairs.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <memory>

namespace hypercast::similarity {

namespace {

template <class Real>
using RowMajor = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

double cost(const Rows& x, const Rows& y, const Pair& pair) {
  return static_cast<double>(x.widths()[pair.x]) * static_cast<double>(y.widths()[pair.y]);
}

// Stretches of about equal cost, one a rank.
Range share_by_cost(const Rows& x, const Rows& y, const std::vector<Pair>& pairs, int rank, int ranks) {
  double all = 0, passed = 0;
  for (const auto& pair : pairs) all += cost(x, y, pair);
  Range share{static_cast<std::int64_t>(pairs.size()), static_cast<std::int64_t>(pairs.size())};
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const double middle = passed + cost(x, y, pairs[i]) / 2;
    passed += cost(x, y, pairs[i]);
    const auto number = static_cast<std::int64_t>(i);
    if (middle >= all * rank / ranks) share.begin = std::min(share.begin, number);
    if (middle >= all * (rank + 1) / ranks) {
      share.end = number;
      break;
    }
  }
  return share;
}

// Stretches of a share whose matrices fit into memory together, at least one pair each.
std::vector<Range> rounds_of(const Rows& x, const Rows& y, const std::vector<Pair>& pairs, const Range& share,
                             double most) {
  std::vector<Range> rounds;
  double size = 0;
  for (auto i = share.begin; i < share.end; ++i) {
    const double own = cost(x, y, pairs[i]);
    if (rounds.empty() || size + own > most) {
      rounds.push_back({i, i});
      size = 0;
    }
    size += own;
    rounds.back().end = i + 1;
  }
  return rounds;
}

// matrix[dx][dy] += X' Y
template <class Real>
void add_product(std::span<const Real> x, std::span<const Real> y, std::int64_t rows,
                 std::span<double> matrix) {
  const auto n = static_cast<Eigen::Index>(rows);
  const Eigen::Map<const RowMajor<Real>> a(x.data(), n, static_cast<Eigen::Index>(x.size()) / n);
  const Eigen::Map<const RowMajor<Real>> b(y.data(), n, static_cast<Eigen::Index>(y.size()) / n);
  Eigen::Map<RowMajor<double>> to(matrix.data(), a.cols(), b.cols());
  if constexpr (std::is_same_v<Real, double>)
    to.noalias() += a.transpose() * b;
  else
    to += (a.transpose() * b).eval().template cast<double>();
}

// Both sides of a block, each on its own; one side stands for both when they are the same.
template <class Real>
struct BothSides {
  const Rows &x, &y;
  Buffer<Real> left, right;  // of one pair

  bool same() const { return &x == &y; }
  std::span<const Real> part(const RowBlock<Real>& block, std::size_t model, bool of_y,
                             Buffer<Real>& copy) const {
    const auto panel = block.panels[model];
    if (same()) return panel;
    const std::size_t a = x.widths()[model], b = y.widths()[model], begin = of_y ? a : 0,
                      width = of_y ? b : a;
    copy.clear();
    for (std::size_t at = begin; at < panel.size(); at += a + b)
      copy.insert(copy.end(), panel.begin() + at, panel.begin() + at + width);
    return copy;
  }
};

template <class Real>
void run(const Comm& comm, const Rows& x, const Rows& y, const std::vector<Pair>& pairs,
         const std::vector<Range>& groups, const Resources& resources,
         const std::function<void(std::size_t, std::span<const double>)>& see) {
  BothSides<Real> sides{x, y, {}, {}};
  std::unique_ptr<Beside> beside;
  if (!sides.same()) beside = std::make_unique<Beside>(x, y);
  const Rows& rows = beside ? static_cast<const Rows&>(*beside) : x;
  double row = 0;
  for (const auto width : rows.widths()) row += static_cast<double>(width);
  const auto block_rows =
      std::clamp<std::int64_t>(static_cast<std::int64_t>(resources.memory / 8 / sizeof(Real) / row), 1, 512);
  const auto blocks = blocks_within(x.count(), groups, block_rows);
  const auto order = all_rows(x.count());
  const std::size_t parts = std::max<std::size_t>(1, groups.size());
  const Range share = share_by_cost(x, y, pairs, comm.rank(), comm.size());
  const auto rounds =
      rounds_of(x, y, pairs, share, resources.memory / 2 / sizeof(double) / static_cast<double>(parts));
  const auto most = comm.max(static_cast<std::int64_t>(rounds.size()));
  for (std::int64_t round = 0; round < most; ++round) {
    const Range mine = round < static_cast<std::int64_t>(rounds.size()) ? rounds[round] : Range{};
    std::vector<Buffer<double>> matrices(mine.size());
    for (auto i = mine.begin; i < mine.end; ++i)
      matrices[i - mine.begin].resize(parts * static_cast<std::size_t>(cost(x, y, pairs[i])));
    stream<Real>(comm, rows, order, blocks, [&](const RowBlock<Real>& block) {
      const std::size_t group = groups.empty() ? 0 : group_of(groups, block.begin);
      for (auto i = mine.begin; i < mine.end; ++i) {
        const auto size = static_cast<std::size_t>(cost(x, y, pairs[i]));
        add_product<Real>(sides.part(block, pairs[i].x, false, sides.left),
                          sides.part(block, pairs[i].y, true, sides.right), block.count,
                          std::span(matrices[i - mine.begin]).subspan(group * size, size));
      }
    });
    for (auto i = mine.begin; i < mine.end; ++i) see(static_cast<std::size_t>(i), matrices[i - mine.begin]);
  }
}

}  // namespace

std::vector<Pair> pairs_of(std::size_t models, bool ordered) {
  std::vector<Pair> pairs;
  for (std::size_t x = 0; x < models; ++x)
    for (std::size_t y = ordered ? 0 : x; y < models; ++y) pairs.push_back({x, y});
  return pairs;
}

void products_of_pairs(const Comm& comm, const Rows& x, const Rows& y, const std::vector<Pair>& pairs,
                       const std::vector<Range>& groups, const Resources& resources,
                       const std::function<void(std::size_t, std::span<const double>)>& see) {
  if (resources.single)
    run<float>(comm, x, y, pairs, groups, resources, see);
  else
    run<double>(comm, x, y, pairs, groups, resources, see);
}

std::span<double> PairResults::of(std::size_t pair) {
  mine_[pair] = true;
  return std::span(values_).subspan(pair * each_, each_);
}

std::vector<double> PairResults::gather(const Comm& comm) {
  std::vector<std::int64_t> numbers;
  std::vector<double> values;
  for (std::size_t pair = 0; pair < mine_.size(); ++pair) {
    if (!mine_[pair]) continue;
    numbers.push_back(static_cast<std::int64_t>(pair));
    const auto own = of(pair);
    values.insert(values.end(), own.begin(), own.end());
  }
  numbers = comm.all_gather<std::int64_t>(numbers);
  values = comm.all_gather<double>(values);
  std::vector<double> all(values_.size());
  for (std::size_t i = 0; i < numbers.size(); ++i)
    std::copy_n(values.begin() + i * each_, each_, all.begin() + numbers[i] * each_);
  return all;
}

}  // namespace hypercast::similarity
