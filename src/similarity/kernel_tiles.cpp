#include <Eigen/Dense>
#include <algorithm>
#include <bit>
#include <memory>

#include "core/ordered_sum.hpp"
#include "similarity/kernel_products.hpp"

namespace hypercast::similarity {

namespace {

// Rows that are kept and met with all blocks: half of a block. Units are numbered so that any stretch of them
// is spread over the ring, by numbers of halves with their bits reversed: then ranks, which own stretches,
// all have work whatever block passes by.
struct Unit {
  std::size_t block = 0;
  Range rows;
};

std::vector<Unit> units_of(const std::vector<Range>& blocks) {
  constexpr std::size_t parts = 2;
  const std::size_t count = parts * blocks.size();
  std::vector<Unit> units;
  for (std::size_t i = 0; i < std::bit_ceil(count); ++i) {
    std::size_t half = 0;
    for (std::size_t bit = 1; bit < std::bit_ceil(count); bit *= 2) half = 2 * half + (i & bit ? 1 : 0);
    if (half >= count) continue;
    const Range block = blocks[half / parts];
    const Range share = share_of(block.size(), static_cast<int>(half % parts), static_cast<int>(parts));
    units.push_back({half / parts, {block.begin + share.begin, block.begin + share.end}});
  }
  return units;
}

template <class Real>
class Tiles {
 public:
  Tiles(const Context& context, const Sides& sides, const std::vector<Range>& groups,
        const Resources& resources)
      : context_(context),
        sides_(sides),
        groups_(groups),
        memory_(resources.memory),
        models_(sides.x.models()),
        blocks_(blocks_within(sides.x.count(), groups,
                              rows_of_block(resources, sizeof(Real) * row_size(sides), 1024))),
        units_(units_of(blocks_)),
        scales_(context.comm.all_gather<double>(own_scales())),
        sum_(static_cast<std::int64_t>(units_.size()), products_size()) {
    if (sides.y) both_ = std::make_unique<Both>(sides.x, *sides.y);
    const double rows = static_cast<double>(blocks_.front().size()) / 2;
    const double bytes = sizeof(Real) * row_size(sides) * rows + 8.0 * static_cast<double>(products_size());
    at_once_ = std::max<std::int64_t>(1, static_cast<std::int64_t>(resources.memory / 2 / bytes));
  }

  std::vector<double> products() {
    const auto count = static_cast<std::int64_t>(units_.size());
    const int ranks = context_.comm.size();
    const Range share = share_of(count, context_.comm.rank(), ranks);
    const std::int64_t most = (count + ranks - 1) / ranks;
    for (std::int64_t at = 0; at < most; at += at_once_)
      meet_all({std::min(share.end, share.begin + at), std::min(share.end, share.begin + at + at_once_)});
    std::vector<double> all(products_size());
    sum_.total(context_.comm, all);
    for (std::size_t i = models_ * models_; i < all.size(); ++i)
      all[i] = all[i % (models_ * models_)] - all[i];
    return all;
  }

 private:
  using RowMajor = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

  // A unit with its rows of every model, x and y.
  struct Kept {
    std::int64_t number;
    Unit unit;
    std::vector<Buffer<Real>> panels;
    std::vector<double> products;  // [1 + groups][M][M]: of all its tiles, of those that touch group g
  };

  static double row_size(const Sides& sides) {
    double columns = 0;
    for (const auto width : sides.x.widths()) columns += static_cast<double>(width);
    return columns * (sides.y ? 2 : 1);
  }
  std::size_t products_size() const { return (1 + groups_.size()) * models_ * models_; }
  std::vector<double> own_scales() const {
    std::vector<double> own;
    const Range mine = sides_.x.ownership().mine();
    for (auto j = mine.begin; j < mine.end; ++j) own.push_back(sides_.x.scale(j));
    return own;
  }

  // COLLECTIVE. Some of this rank's units with all blocks.
  void meet_all(const Range& mine) {
    const Rows& rows = both_ ? static_cast<const Rows&>(*both_) : sides_.x;
    const auto order = all_rows(rows.count());
    std::vector<Kept> kept;
    // Blocks ahead in the list are met as they come, those behind, round the ring, when they come again.
    stream<Real>(context_, rows, order, blocks_, [&](const RowBlock<Real>& block) {
      for (auto number = mine.begin; number < mine.end; ++number)
        if (units_[number].block == block.number) kept.push_back(keep(number, block));
      meet(kept, block, [&](std::size_t p) { return p <= block.number; });
    });
    stream<Real>(context_, rows, order, std::span(blocks_).first(blocks_.size() / 2),
                 [&](const RowBlock<Real>& block) {
                   meet(kept, block, [&](std::size_t p) { return p > block.number; });
                 });
    std::sort(kept.begin(), kept.end(), [](const auto& a, const auto& b) { return a.number < b.number; });
    for (const auto& one : kept) sum_.add(one.number, one.products);
  }

  Kept keep(std::int64_t number, const RowBlock<Real>& block) const {
    Kept one{number, units_[number], {}, std::vector<double>(products_size())};
    const Range rows = one.unit.rows;
    for (const auto& panel : block.panels) {
      const std::size_t width = panel.size() / block.count;
      const auto some = panel.subspan((rows.begin - block.begin) * width, rows.size() * width);
      one.panels.emplace_back(some.begin(), some.end());
    }
    return one;
  }

  template <class Turn>
  void meet(std::vector<Kept>& kept, const RowBlock<Real>& block, const Turn& turn) {
    for (auto& one : kept)
      if (one.unit.rows.size() > 0 && turn(one.unit.block) && meets(one.unit.block, block.number))
        meet(one, block);
  }

  // Half the ring: every pair of blocks once.
  bool meets(std::size_t p, std::size_t q) const {
    const std::size_t count = blocks_.size(), ahead = (q + count - p) % count;
    return 2 * ahead < count || (2 * ahead == count && p < q);
  }

  void meet(Kept& one, const RowBlock<Real>& block) {
    // Rows of the tile at a time: V is to fit into memory, and beyond that gains nothing.
    const double row = static_cast<double>(sizeof(Real)) * static_cast<double>(block.count * models_);
    const auto rows = std::clamp<std::int64_t>(static_cast<std::int64_t>(std::min(memory_ / 16, 256e6) / row),
                                               1, one.unit.rows.size());
    const auto m = static_cast<Eigen::Index>(models_);
    Eigen::MatrixXd products = Eigen::MatrixXd::Zero(m, m);
    for (const auto& range : blocks_of(one.unit.rows.size(), rows)) {
      const auto size = static_cast<std::size_t>(range.size() * block.count);
      fill(one, block, range, 0, v_);
      if (both_) fill(one, block, range, 1, v_right_);
      add_products(size, products);
    }
    const double weight = one.unit.block == block.number ? 1 : 2;
    const auto add = [&](std::size_t which) {
      double* to = one.products.data() + which * models_ * models_;
      for (Eigen::Index x = 0; x < m; ++x)
        for (Eigen::Index y = 0; y < m; ++y) to[x * m + y] += weight * products(x, y);
    };
    add(0);
    if (groups_.empty()) return;
    const int a = group_of(groups_, one.unit.rows.begin), b = group_of(groups_, block.begin);
    add(1 + a);
    if (b != a) add(1 + b);
  }

  // v[model][size]: the kernels of one side, on some rows of a kept unit and all rows of a block.
  void fill(const Kept& one, const RowBlock<Real>& block, const Range& range, std::size_t side,
            Buffer<Real>& v) {
    const auto size = static_cast<std::size_t>(range.size() * block.count);
    v.resize(models_ * size);
    for (std::size_t j = 0; j < models_; ++j) {
      const std::size_t width = sides_.x.widths()[j], panel = both_ ? 2 * j + side : j;
      const auto some =
          std::span<const Real>(one.panels[panel]).subspan(range.begin * width, range.size() * width);
      kernel_tile<Real>(sides_.x.kernel(), scales_[j], some, block.panels[panel], width,
                        std::span(v).subspan(j * size, size));
    }
  }

  // += V V', in pieces short enough that sums in float keep their digits.
  void add_products(std::size_t size, Eigen::MatrixXd& products) {
    const auto m = static_cast<Eigen::Index>(models_), n = static_cast<Eigen::Index>(size);
    const Eigen::Index piece = sizeof(Real) == sizeof(float) ? 4096 : n;
    const Eigen::Map<const RowMajor> v(v_.data(), m, n);
    const Eigen::Map<const RowMajor> right(both_ ? v_right_.data() : v_.data(), m, n);
    for (Eigen::Index at = 0; at < n; at += piece) {
      const auto count = std::min(piece, n - at);
      Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic> some(m, m);
      if (both_) {
        some.noalias() = v.middleCols(at, count) * right.middleCols(at, count).transpose();
      } else {
        some.setZero();
        some.template selfadjointView<Eigen::Lower>().rankUpdate(v.middleCols(at, count));
        some.template triangularView<Eigen::StrictlyUpper>() = some.transpose();
      }
      products += some.template cast<double>();
    }
  }

  const Context& context_;
  Sides sides_;
  const std::vector<Range>& groups_;
  double memory_;
  std::size_t models_;
  std::vector<Range> blocks_;
  std::vector<Unit> units_;
  std::vector<double> scales_;
  OrderedSum<double> sum_;
  std::int64_t at_once_ = 1;
  std::unique_ptr<Both> both_;
  Buffer<Real> v_, v_right_;
};

}  // namespace

std::vector<double> products_by_tiles(const Context& context, const Sides& sides,
                                      const std::vector<Range>& groups, const Resources& resources) {
  return resources.single ? Tiles<float>(context, sides, groups, resources).products()
                          : Tiles<double>(context, sides, groups, resources).products();
}

}  // namespace hypercast::similarity
