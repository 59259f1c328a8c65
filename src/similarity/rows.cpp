#include "similarity/rows.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "core/error.hpp"

namespace hypercast::similarity {

Ownership::Ownership(std::span<const std::size_t> widths, int ranks) : begins_(ranks + 1) {
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

int Ownership::owner(std::size_t model) const {
  const auto after = std::upper_bound(begins_.begin(), begins_.end(), static_cast<std::int64_t>(model));
  return static_cast<int>(after - begins_.begin()) - 1;
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

template <class Real>
void stream(const Comm& comm, const Rows& rows, std::span<const std::int64_t> order,
            std::span<const Range> blocks, const std::function<void(const RowBlock<Real>&)>& see) {
  const auto& widths = rows.widths();
  std::vector<std::size_t> columns(comm.size());  // of all models of a rank
  for (int r = 0; r < comm.size(); ++r)
    for (auto j = rows.ownership().of(r).begin; j < rows.ownership().of(r).end; ++j) columns[r] += widths[j];
  const auto all = std::accumulate(columns.begin(), columns.end(), std::size_t{0});
  const Range mine = rows.ownership().of(comm.rank());
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
      panel.resize(count * widths[j]);
      rows.read(j, order.subspan(range.begin, count), panel);
      std::copy(panel.begin(), panel.end(), own.begin() + at);
      at += panel.size();
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
