#include "similarity/rows.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>

#include "core/error.hpp"
#include "core/ordered_sum.hpp"

namespace hypercast::similarity {

Ownership::Ownership(std::span<const std::size_t> widths, const Comm& comm)
    : begins_(comm.size() + 1), rank_(comm.rank()) {
  const int ranks = comm.size();
  const auto models = static_cast<std::int64_t>(widths.size());
  const auto all = static_cast<double>(std::accumulate(widths.begin(), widths.end(), std::size_t{0}));
  double passed = 0;
  std::int64_t model = 0;
  for (int rank = 1; rank <= ranks; ++rank) {
    // A model goes to the rank in whose part of all columns its middle lies.
    while (model < models && passed + static_cast<double>(widths[model]) / 2 <= all * rank / ranks)
      passed += static_cast<double>(widths[model++]);
    begins_[rank] = rank == ranks ? models : model;
  }
}

bool Ownership::has(std::size_t model) const {
  const auto j = static_cast<std::int64_t>(model);
  return j >= mine().begin && j < mine().end;
}

int Ownership::owner(std::size_t model) const {
  const auto after = std::upper_bound(begins_.begin(), begins_.end(), static_cast<std::int64_t>(model));
  return static_cast<int>(after - begins_.begin()) - 1;
}

Ownership Ownership::twice() const {
  Ownership doubled = *this;
  for (auto& begin : doubled.begins_) begin *= 2;
  return doubled;
}

void Selected::read(std::size_t model, std::span<const std::int64_t> rows, std::span<double> out) const {
  std::vector<std::int64_t> there;
  there.reserve(rows.size());
  for (const auto row : rows) there.push_back(order_[row]);
  base_.read(model, there, out);
}

namespace {

constexpr std::int64_t reading = 256;  // rows at a time

// The mean of (column - shift) over all rows, added to the shift. Of a column of one value it is that value.
void add_means(const Rows& base, std::size_t model, std::span<double> shift) {
  const std::size_t width = shift.size();
  const auto order = all_rows(base.count());
  Buffer<double> values, first(width);
  std::vector<double> sums(width);
  std::vector<char> varies(width);  // not bits, which would be slow
  base.read(model, std::span(order).first(1), first);
  for (const auto& block : blocks_of(base.count(), reading)) {
    values.resize(block.size() * width);
    base.read(model, std::span(order).subspan(block.begin, block.size()), values);
    for (std::size_t i = 0; i < values.size(); i += width)
      for (std::size_t c = 0; c < width; ++c) {
        sums[c] += values[i + c] - shift[c];
        varies[c] |= values[i + c] != first[c];
      }
  }
  for (std::size_t c = 0; c < width; ++c)
    shift[c] = varies[c] ? shift[c] + sums[c] / static_cast<double>(base.count()) : first[c];
}

}  // namespace

std::vector<double> column_means(const Rows& rows, std::size_t model) {
  std::vector<double> means(rows.widths()[model]);
  add_means(rows, model, means);
  add_means(rows, model, means);  // what the first left, where means are far from zero
  return means;
}

Centred::Centred(const Rows& base) : base_(base), means_(base.models()) {
  for (auto j = ownership().mine().begin; j < ownership().mine().end; ++j) means_[j] = column_means(base, j);
}

void Centred::read(std::size_t model, std::span<const std::int64_t> rows, std::span<double> out) const {
  base_.read(model, rows, out);
  const auto& means = means_[model];
  for (std::size_t i = 0; i < out.size(); i += means.size())
    for (std::size_t c = 0; c < means.size(); ++c) out[i + c] -= means[c];
}

Both::Both(const Rows& left, const Rows& right)
    : left_(left), right_(right), ownership_(left.ownership().twice()) {
  for (std::size_t j = 0; j < left.models(); ++j)
    widths_.insert(widths_.end(), {left.widths()[j], right.widths()[j]});
}

void Both::read(std::size_t model, std::span<const std::int64_t> rows, std::span<double> out) const {
  (model % 2 == 0 ? left_ : right_).read(model / 2, rows, out);
}

Buffer<double> whole(const Rows& rows, std::size_t model) {
  Buffer<double> values(rows.count() * rows.widths()[model]);
  rows.read(model, all_rows(rows.count()), values);
  return values;
}

void heed(const Context& context) {
  if (context.signals.poll(context.comm).stop) throw Stopped();
}

void each_own_model(const Context& context, const Rows& rows, const std::function<void(std::size_t)>& work) {
  const Range mine = rows.ownership().mine();
  const auto most = context.comm.max(mine.size());
  for (std::int64_t i = 0; i < most; ++i) {
    heed(context);
    if (i < mine.size()) work(static_cast<std::size_t>(mine.begin + i));
  }
}

std::vector<std::int64_t> all_rows(std::int64_t n) {
  std::vector<std::int64_t> rows(n);
  std::iota(rows.begin(), rows.end(), std::int64_t{0});
  return rows;
}

std::vector<Range> blocks_of(std::int64_t n, std::int64_t block) {
  std::vector<Range> blocks;
  for (std::int64_t at = 0; at < n; at += block) blocks.push_back({at, std::min(n, at + block)});
  return blocks;
}

namespace {

template <class Real>
void read_as(const Rows& rows, std::size_t model, std::span<const std::int64_t> which, std::span<Real> out,
             Buffer<double>& panel) {
  if constexpr (std::is_same_v<Real, double>) {
    rows.read(model, which, out);
  } else {
    panel.resize(out.size());
    rows.read(model, which, panel);
    std::copy(panel.begin(), panel.end(), out.begin());
  }
}

}  // namespace

template <class Real>
void stream(const Context& context, const Rows& rows, std::span<const std::int64_t> order,
            std::span<const Range> blocks, const std::function<void(const RowBlock<Real>&)>& see) {
  const Comm& comm = context.comm;
  const auto& widths = rows.widths();
  std::vector<std::size_t> columns(comm.size());  // of all models of a rank
  for (int r = 0; r < comm.size(); ++r)
    for (auto j = rows.ownership().of(r).begin; j < rows.ownership().of(r).end; ++j) columns[r] += widths[j];
  const auto all = std::accumulate(columns.begin(), columns.end(), std::size_t{0});
  const Range mine = rows.ownership().mine();
  Buffer<Real> own, panels;
  Buffer<double> panel;
  std::vector<int> counts(comm.size());
  RowBlock<Real> block;
  for (const auto& range : blocks) {
    heed(context);
    const auto count = static_cast<std::size_t>(range.size());
    check(count * all <= static_cast<std::size_t>(std::numeric_limits<int>::max()),
          "a block of rows is longer than one message of MPI can be");
    own.resize(count * columns[comm.rank()]);
    std::size_t at = 0;
    for (auto j = mine.begin; j < mine.end; ++j) {
      const std::size_t size = count * widths[j];
      read_as<Real>(rows, j, order.subspan(range.begin, count), std::span(own).subspan(at, size), panel);
      at += size;
    }
    for (int r = 0; r < comm.size(); ++r) counts[r] = static_cast<int>(count * columns[r]);
    panels.resize(count * all);
    comm.all_gather<Real>(own, panels, counts);
    block.begin = range.begin;
    block.count = range.size();
    block.panels.clear();
    at = 0;
    for (const std::size_t width : widths) {
      block.panels.push_back(std::span<const Real>(panels).subspan(at, count * width));
      at += count * width;
    }
    see(block);
    ++block.number;
  }
}

namespace {

// A block that outlives the stream.
template <class Real>
struct KeptBlock {
  explicit KeptBlock(const RowBlock<Real>& passing) : block(passing) {
    std::size_t size = 0;
    for (const auto panel : passing.panels) size += panel.size();
    numbers.reserve(size);
    for (auto& panel : block.panels) {
      const auto at = numbers.size();
      numbers.insert(numbers.end(), panel.begin(), panel.end());
      panel = std::span<const Real>(numbers).subspan(at);
    }
  }
  KeptBlock(const KeptBlock&) = delete;
  RowBlock<Real> block;
  Buffer<Real> numbers;
};

// Numbers of blocks in an order in which one of every rank's stretch comes by in each round.
struct Rounds {
  std::vector<std::int64_t> numbers;
  std::vector<char> last;  // of its round
  Rounds(std::int64_t count, int ranks) {
    for (std::int64_t i = 0; i * ranks < count; ++i) {
      for (int rank = 0; rank < ranks; ++rank)
        if (const Range share = share_of(count, rank, ranks); i < share.size())
          numbers.push_back(share.begin + i);
      last.resize(numbers.size(), 0);
      last.back() = 1;
    }
  }
};

}  // namespace

template <class Real>
std::vector<double> sum_over_blocks(
    const Context& context, const Rows& rows, std::span<const std::int64_t> order,
    std::span<const Range> blocks, std::size_t size,
    const std::function<void(const RowBlock<Real>&, std::span<double> out)>& term) {
  const auto count = static_cast<std::int64_t>(blocks.size());
  const Rounds rounds(count, context.comm.size());
  std::vector<Range> turns;
  for (const auto number : rounds.numbers) turns.push_back(blocks[number]);
  const Range mine = share_of(count, context.comm.rank(), context.comm.size());
  OrderedSum<double> sum(count, size);
  std::optional<KeptBlock<Real>> kept;
  Buffer<double> out(size);  // where numbers stand decides how products of few are summed
  stream<Real>(context, rows, order, turns, [&](const RowBlock<Real>& block) {
    const auto number = rounds.numbers[block.number];
    if (number >= mine.begin && number < mine.end) {
      kept.emplace(block);
      kept->block.number = static_cast<std::size_t>(number);
    }
    if (!rounds.last[block.number] || !kept) return;
    std::fill(out.begin(), out.end(), 0.0);
    term(kept->block, out);
    sum.add(static_cast<std::int64_t>(kept->block.number), out);
    kept.reset();
  });
  std::vector<double> total(size);
  sum.total(context.comm, total);
  return total;
}

#define HYPERCAST_STREAM(Real)                                                                           \
  template void stream<Real>(const Context&, const Rows&, std::span<const std::int64_t>,                 \
                             std::span<const Range>, const std::function<void(const RowBlock<Real>&)>&); \
  template std::vector<double> sum_over_blocks<Real>(                                                    \
      const Context&, const Rows&, std::span<const std::int64_t>, std::span<const Range>, std::size_t,   \
      const std::function<void(const RowBlock<Real>&, std::span<double>)>&);
HYPERCAST_STREAM(float)
HYPERCAST_STREAM(double)
#undef HYPERCAST_STREAM

}  // namespace hypercast::similarity
