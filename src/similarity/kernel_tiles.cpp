#include <Eigen/Dense>
#include <algorithm>
#include <memory>

#include "core/ordered_sum.hpp"
#include "similarity/kernel_products.hpp"

namespace hypercast::similarity {

namespace {

// Work of rank `rank`: stretches of things, a few at a time, in as many rounds as the busiest rank needs.
struct Rounds {
  std::int64_t count, kept;
  Rounds(std::int64_t things, int ranks, std::int64_t at_a_time)
      : kept(std::max<std::int64_t>(1, at_a_time)) {
    const std::int64_t most = (things + ranks - 1) / ranks;
    count = (most + kept - 1) / kept;
  }
  Range of(const Range& share, std::int64_t round) const {
    return {std::min(share.end, share.begin + round * kept),
            std::min(share.end, share.begin + (round + 1) * kept)};
  }
};

// Tiles are halves of blocks times blocks. Ranks own stretches of units, unit u being half u / B of block u %
// B, so that all have work whatever block passes by.
constexpr std::int64_t parts = 2;

Range part_of(const Range& block, std::int64_t part) {
  const Range share = share_of(block.size(), static_cast<int>(part), static_cast<int>(parts));
  return {block.begin + share.begin, block.begin + share.end};
}

template <class Real>
class Tiles {
 public:
  Tiles(const Context& context, const Sides& sides, const std::vector<Range>& groups,
        const Resources& resources)
      : comm_(context.comm),
        sides_(sides),
        groups_(groups),
        memory_(resources.memory),
        models_(sides.x.models()),
        blocks_(blocks_within(sides.x.count(), groups, most_rows(sides, resources))),
        scales_(context.comm.all_gather<double>(own_scales())),
        sum_(parts * static_cast<std::int64_t>(blocks_.size()), (1 + groups.size()) * models_ * models_) {
    if (sides.y) beside_ = std::make_unique<Beside>(sides.x, *sides.y);
    const double bytes = sizeof(Real) * row_size(sides) * static_cast<double>(blocks_.front().size()) / parts;
    at_a_time_ = static_cast<std::int64_t>(resources.memory / 2 / bytes);
  }

  std::vector<double> products() {
    const auto count = parts * static_cast<std::int64_t>(blocks_.size());
    const Range share = share_of(count, comm_.rank(), comm_.size());
    const Rounds rounds(count, comm_.size(), at_a_time_);
    const Rows& rows = beside_ ? static_cast<const Rows&>(*beside_) : sides_.x;
    const auto order = all_rows(rows.count());
    for (std::int64_t round = 0; round < rounds.count; ++round) {
      const Range mine = rounds.of(share, round);
      kept_.clear();
      // Blocks ahead in the list are met as they come, those behind, round the ring, when they come again.
      stream<Real>(comm_, rows, order, blocks_, [&](const RowBlock<Real>& block) {
        keep(block, mine);
        meet_all(block, [&](std::size_t p) { return p <= block.number; });
      });
      const std::span<const Range> behind = std::span(blocks_).first(blocks_.size() / 2);
      stream<Real>(comm_, rows, order, behind, [&](const RowBlock<Real>& block) {
        meet_all(block, [&](std::size_t p) { return p > block.number; });
      });
      std::sort(kept_.begin(), kept_.end(), [](const auto& a, const auto& b) { return a.unit < b.unit; });
      for (const auto& one : kept_) sum_.add(one.unit, one.products);
    }
    auto all = sum_.total(comm_);
    for (std::size_t i = models_ * models_; i < all.size(); ++i)
      all[i] = all[i % (models_ * models_)] - all[i];
    return all;
  }

 private:
  using RowMajor = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

  // Rows of a unit, which all blocks are met with.
  struct Kept {
    std::int64_t unit;
    std::size_t block;
    std::int64_t begin, count;
    std::vector<Buffer<Real>> panels;
    std::vector<double> products;  // [1 + groups][M][M]: of all its tiles, of those that touch group g
  };

  static double row_size(const Sides& sides) {
    double columns = 0;
    for (const auto width : sides.x.widths()) columns += static_cast<double>(width);
    return columns * (sides.y ? 2 : 1);
  }
  // A block, what is sent of it, and a tile of it with one model at a time take a quarter of the memory.
  static std::int64_t most_rows(const Sides& sides, const Resources& resources) {
    return std::clamp<std::int64_t>(
        static_cast<std::int64_t>(resources.memory / 8 / sizeof(Real) / row_size(sides)), 1, 1024);
  }
  std::vector<double> own_scales() const {
    std::vector<double> own;
    const Range mine = sides_.x.ownership().mine();
    for (auto j = mine.begin; j < mine.end; ++j) own.push_back(sides_.x.scale(j));
    return own;
  }

  void keep(const RowBlock<Real>& block, const Range& mine) {
    const auto count = static_cast<std::int64_t>(blocks_.size());
    for (std::int64_t part = 0; part < parts; ++part) {
      const std::int64_t unit = part * count + static_cast<std::int64_t>(block.number);
      if (unit < mine.begin || unit >= mine.end) continue;
      const Range rows = part_of(blocks_[block.number], part);
      Kept one{unit, block.number, rows.begin, rows.size(), {}, {}};
      for (const auto& panel : block.panels) {
        const std::size_t stride = panel.size() / block.count;
        const auto some = panel.subspan((rows.begin - block.begin) * stride, rows.size() * stride);
        one.panels.emplace_back(some.begin(), some.end());
      }
      one.products.resize((1 + groups_.size()) * models_ * models_);
      kept_.push_back(std::move(one));
    }
  }

  template <class Turn>
  void meet_all(const RowBlock<Real>& block, const Turn& turn) {
    for (auto& one : kept_)
      if (one.count > 0 && turn(one.block) && meets(one.block, block.number)) meet(one, block);
  }

  // Half the ring: every pair of blocks once.
  bool meets(std::size_t p, std::size_t q) const {
    const std::size_t count = blocks_.size(), ahead = (q + count - p) % count;
    return 2 * ahead < count || (2 * ahead == count && p < q);
  }

  void meet(Kept& one, const RowBlock<Real>& block) {
    const auto columns = static_cast<std::int64_t>(block.count);
    // Rows of the tile at a time: V is to fit into memory, and beyond that gains nothing.
    const double row = static_cast<double>(sizeof(Real) * columns * models_);
    const auto rows = std::clamp<std::int64_t>(static_cast<std::int64_t>(std::min(memory_ / 16, 256e6) / row),
                                               1, one.count);
    const auto m = static_cast<Eigen::Index>(models_);
    Eigen::MatrixXd products = Eigen::MatrixXd::Zero(m, m);
    for (const auto& range : blocks_of(one.count, rows)) {
      const auto size = static_cast<std::size_t>(range.size() * columns);
      fill(one, block, range, false, v_, size);
      if (beside_) fill(one, block, range, true, v_right_, size);
      add_products(size, products);
    }
    const double weight = one.block == block.number ? 1 : 2;
    const auto add = [&](std::size_t which) {
      double* to = one.products.data() + which * models_ * models_;
      for (Eigen::Index x = 0; x < m; ++x)
        for (Eigen::Index y = 0; y < m; ++y) to[x * m + y] += weight * products(x, y);
    };
    add(0);
    if (groups_.empty()) return;
    const int a = group_of(groups_, one.begin), b = group_of(groups_, block.begin);
    add(1 + a);
    if (b != a) add(1 + b);
  }

  // v[model][size]: the kernels of one side, on some rows of a kept block and all rows of another.
  void fill(const Kept& one, const RowBlock<Real>& block, const Range& range, bool right, Buffer<Real>& v,
            std::size_t size) {
    v.resize(models_ * size);
    for (std::size_t j = 0; j < models_; ++j) {
      const std::size_t width = sides_.x.widths()[j], stride = beside_ ? 2 * width : width;
      const auto a =
          side_of(std::span<const Real>(one.panels[j]).subspan(range.begin * stride, range.size() * stride),
                  width, stride, right, a_);
      const auto b = side_of(block.panels[j], width, stride, right, b_);
      kernel_tile<Real>(sides_.x.kernel(), scales_[j], a, b, width, std::span(v).subspan(j * size, size));
    }
  }

  // The columns of one side of rows that hold both.
  static std::span<const Real> side_of(std::span<const Real> rows, std::size_t width, std::size_t stride,
                                       bool right, Buffer<Real>& copy) {
    if (stride == width) return rows;
    copy.clear();
    for (std::size_t at = right ? width : 0; at < rows.size(); at += stride)
      copy.insert(copy.end(), rows.begin() + at, rows.begin() + at + width);
    return copy;
  }

  // += V V', in pieces short enough that sums in float keep their digits.
  void add_products(std::size_t size, Eigen::MatrixXd& products) {
    const auto m = static_cast<Eigen::Index>(models_), n = static_cast<Eigen::Index>(size);
    const Eigen::Index piece = sizeof(Real) == sizeof(float) ? 4096 : n;
    const Eigen::Map<const RowMajor> v(v_.data(), m, n);
    const Eigen::Map<const RowMajor> right(beside_ ? v_right_.data() : v_.data(), m, n);
    for (Eigen::Index at = 0; at < n; at += piece) {
      const auto count = std::min(piece, n - at);
      Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic> some(m, m);
      if (beside_) {
        some.noalias() = v.middleCols(at, count) * right.middleCols(at, count).transpose();
      } else {
        some.setZero();
        some.template selfadjointView<Eigen::Lower>().rankUpdate(v.middleCols(at, count));
        some.template triangularView<Eigen::StrictlyUpper>() = some.transpose();
      }
      products += some.template cast<double>();
    }
  }

  const Comm& comm_;
  Sides sides_;
  const std::vector<Range>& groups_;
  double memory_;
  std::size_t models_;
  std::vector<Range> blocks_;
  std::vector<double> scales_;
  std::int64_t at_a_time_ = 1;
  std::unique_ptr<Beside> beside_;
  OrderedSum sum_;
  std::vector<Kept> kept_;
  Buffer<Real> v_, v_right_, a_, b_;
};

}  // namespace

std::vector<double> products_by_tiles(const Context& context, const Sides& sides,
                                      const std::vector<Range>& groups, const Resources& resources) {
  return resources.single ? Tiles<float>(context, sides, groups, resources).products()
                          : Tiles<double>(context, sides, groups, resources).products();
}

}  // namespace hypercast::similarity
