#include "similarity/rows.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "core/error.hpp"

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

Centred::Centred(const Rows& base) : base_(base), means_(base.models()) {
  for (std::size_t model = 0; model < base.models(); ++model) {
    if (!base.ownership().has(model)) continue;
    means_[model].resize(base.widths()[model]);
    add_means(base, model, means_[model]);
    add_means(base, model, means_[model]);  // what the first left, where means are far from zero
  }
}

void Centred::read(std::size_t model, std::span<const std::int64_t> rows, std::span<double> out) const {
  base_.read(model, rows, out);
  const auto& means = means_[model];
  for (std::size_t i = 0; i < out.size(); i += means.size())
    for (std::size_t c = 0; c < means.size(); ++c) out[i + c] -= means[c];
}

Beside::Beside(const Rows& left, const Rows& right) : left_(left), right_(right), widths_(left.widths()) {
  for (std::size_t j = 0; j < widths_.size(); ++j) widths_[j] += right.widths()[j];
}

void Beside::read(std::size_t model, std::span<const std::int64_t> rows, std::span<double> out) const {
  const std::size_t a = left_.widths()[model], b = right_.widths()[model];
  Buffer<double> part(rows.size() * std::max(a, b));
  const auto put = [&](const Rows& from, std::size_t width, std::size_t at) {
    from.read(model, rows, std::span(part).first(rows.size() * width));
    for (std::size_t i = 0; i < rows.size(); ++i)
      std::copy_n(part.begin() + i * width, width, out.begin() + i * (a + b) + at);
  };
  put(left_, a, 0);
  put(right_, b, a);
}

Arrays::Arrays(std::int64_t n, std::vector<std::size_t> widths, Ownership ownership,
               std::vector<Buffer<double>> values)
    : n_(n), widths_(std::move(widths)), ownership_(std::move(ownership)), values_(std::move(values)) {}

void Arrays::read(std::size_t model, std::span<const std::int64_t> rows, std::span<double> out) const {
  check(ownership_.has(model), "rows of a model that another rank owns");
  const std::size_t width = widths_[model];
  for (std::size_t i = 0; i < rows.size(); ++i)
    std::copy_n(values_[model].begin() + rows[i] * width, width, out.begin() + i * width);
}

Buffer<double> whole(const Rows& rows, std::size_t model) {
  Buffer<double> values(rows.count() * rows.widths()[model]);
  rows.read(model, all_rows(rows.count()), values);
  return values;
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
void stream(const Comm& comm, const Rows& rows, std::span<const std::int64_t> order,
            std::span<const Range> blocks, const std::function<void(const RowBlock<Real>&)>& see) {
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

template void stream<float>(const Comm&, const Rows&, std::span<const std::int64_t>, std::span<const Range>,
                            const std::function<void(const RowBlock<float>&)>&);
template void stream<double>(const Comm&, const Rows&, std::span<const std::int64_t>, std::span<const Range>,
                             const std::function<void(const RowBlock<double>&)>&);

}  // namespace hypercast::similarity
