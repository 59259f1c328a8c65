#include "similarity/features.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "io/on_root.hpp"

namespace hypercast::similarity {

namespace {

constexpr std::int64_t reading = 512;  // rows at a time

std::vector<std::size_t> widths_of(const std::vector<Extent>& extents) {
  std::vector<std::size_t> widths;
  for (const auto& extent : extents) widths.push_back(extent.width);
  return widths;
}

// Reads rows `wanted` (rising) of a source into a store; returns the places of those with numbers that are
// not finite.
std::vector<std::int64_t> fill(Source& source, std::span<const std::int64_t> wanted, Store& store) {
  const std::size_t width = source.width();
  std::vector<std::int64_t> bad;
  Buffer<double> block, picked;
  std::size_t at = 0;
  for (const auto& range : blocks_of(wanted.back() + 1, reading)) {
    std::size_t end = at;
    while (end < wanted.size() && wanted[end] < range.end) ++end;
    if (end == at) continue;
    block.resize(range.size() * width);
    source.read(range, block);
    picked.clear();
    for (; at < end; ++at) {
      const auto row = std::span<const double>(block).subspan((wanted[at] - range.begin) * width, width);
      picked.insert(picked.end(), row.begin(), row.end());
      if (!std::all_of(row.begin(), row.end(), [](double v) { return std::isfinite(v); }))
        bad.push_back(static_cast<std::int64_t>(at));
    }
    store.append(picked);
  }
  return bad;
}

// The q and 1 - q quantiles of columns, between the numbers nearest to them.
void find_quantiles(double q, std::vector<double>& column, double& low, double& high) {
  const auto at = [&](double part) {
    const double place = part * static_cast<double>(column.size() - 1);
    const auto below = static_cast<std::ptrdiff_t>(std::floor(place));
    std::nth_element(column.begin(), column.begin() + below, column.end());
    const double a = column[below];
    if (below + 1 == static_cast<std::ptrdiff_t>(column.size())) return a;
    const double b = *std::min_element(column.begin() + below + 1, column.end());
    return a + (place - static_cast<double>(below)) * (b - a);
  };
  low = at(q);
  high = at(1 - q);
}

}  // namespace

std::vector<Extent> survey(const Comm& comm, std::size_t models, const Open& open) {
  std::vector<double> own;
  const Range mine = share_of(static_cast<std::int64_t>(models), comm.rank(), comm.size());
  io::on_all(comm, [&] {
    for (auto j = mine.begin; j < mine.end; ++j) {
      const auto source = open(j);
      own.insert(own.end(), {static_cast<double>(source->rows()), static_cast<double>(source->samples()),
                             static_cast<double>(source->width()), static_cast<double>(source->places()),
                             source->fits_float() ? 1.0 : 0.0});
    }
  });
  const auto all = comm.all_gather<double>(own);
  std::vector<Extent> extents;
  for (std::size_t i = 0; i + 4 < all.size(); i += 5)
    extents.push_back({static_cast<std::int64_t>(all[i]), static_cast<std::int64_t>(all[i + 1]),
                       static_cast<std::size_t>(all[i + 2]), static_cast<std::size_t>(all[i + 3]),
                       all[i + 4] > 0});
  return extents;
}

Features::Features(const Context& context, const std::vector<Extent>& extents, const Open& open,
                   const std::vector<std::string>& names, std::vector<std::int64_t> chosen,
                   const SimilarityOptions& options, const std::filesystem::path& scratch)
    : widths_(widths_of(extents)),
      ownership_(widths_, context.comm),
      numbers_(std::move(chosen)),
      stores_(widths_.size()),
      scalings_(widths_.size()) {
  auto rising = numbers_;
  std::sort(rising.begin(), rising.end());
  const Range mine = ownership_.mine();
  double bytes = 0;
  for (auto j = mine.begin; j < mine.end; ++j)
    bytes += static_cast<double>(widths_[j] * rising.size() *
                                 (extents[j].single ? sizeof(float) : sizeof(double)));
  const bool on_disk = bytes > options.memory * (1 << 20) / 2;
  std::vector<bool> bad(rising.size());
  io::on_all(context.comm, [&] {
    for (auto j = mine.begin; j < mine.end; ++j) {
      stores_[j].emplace(widths_[j], extents[j].single, on_disk ? scratch : std::filesystem::path());
      const auto source = open(j);
      for (const auto row : fill(*source, rising, *stores_[j])) {
        if (options.nonfinite == "refuse")
          throw UserError(Exit::data, fmt::format("{}: row {} has numbers that are not finite ([similarity] "
                                                  "nonfinite = \"drop\" leaves such rows out)",
                                                  names[j], rising[row]));
        bad[row] = true;
      }
    }
  });
  std::vector<std::int64_t> dropped;
  for (std::size_t i = 0; i < bad.size(); ++i)
    if (bad[i]) dropped.push_back(rising[i]);
  dropped = context.comm.all_gather<std::int64_t>(dropped);
  std::sort(dropped.begin(), dropped.end());
  std::erase_if(numbers_, [&](auto row) { return std::binary_search(dropped.begin(), dropped.end(), row); });
  for (const auto row : numbers_)
    order_.push_back(std::lower_bound(rising.begin(), rising.end(), row) - rising.begin());
  for (auto j = mine.begin; j < mine.end && !order_.empty(); ++j) scalings_[j] = scaling_of(j, options);
}

void Features::raw(std::size_t model, std::span<const std::int64_t> rows, std::span<double> out) const {
  std::vector<std::int64_t> places;
  places.reserve(rows.size());
  for (const auto row : rows) places.push_back(order_[row]);
  stores_[model]->read(places, out);
}

void Features::scaled(const Scaling& scaling, std::span<const std::int64_t> rows,
                      std::span<double> out) const {
  const std::size_t width = out.size() / std::max<std::size_t>(1, rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t c = 0; c < width; ++c) {
      double& y = out[i * width + c];
      if (!scaling.low.empty()) y = std::clamp(y, scaling.low[c], scaling.high[c]);
      if (!scaling.shift.empty()) y -= scaling.shift[c];
      if (!scaling.scale.empty()) y *= scaling.scale[c];
      if (!scaling.row.empty()) y *= scaling.row[rows[i]];
    }
}

void Features::read(std::size_t model, std::span<const std::int64_t> rows, std::span<double> out) const {
  raw(model, rows, out);
  scaled(scalings_[model], rows, out);
}

Features::Scaling Features::scaling_of(std::size_t model, const SimilarityOptions& options) const {
  Scaling scaling;
  const std::size_t width = widths_[model];
  const auto rows = all_rows(count());
  Buffer<double> block;
  const auto each_block = [&](const auto& use) {
    for (const auto& range : blocks_of(count(), reading)) {
      const auto some = std::span(rows).subspan(range.begin, range.size());
      block.resize(some.size() * width);
      raw(model, some, block);
      scaled(scaling, some, block);
      use();
    }
  };
  if (options.clip_quantile > 0) {
    std::vector<double> low(width), high(width);
    const auto together = std::max<std::size_t>(1, (std::size_t{64} << 20) / sizeof(double) / rows.size());
    for (std::size_t first = 0; first < width; first += together) {
      std::vector<std::vector<double>> columns(std::min(together, width - first));
      each_block([&] {
        for (std::size_t i = 0; i < block.size(); i += width)
          for (std::size_t c = 0; c < columns.size(); ++c) columns[c].push_back(block[i + first + c]);
      });
      for (std::size_t c = 0; c < columns.size(); ++c)
        find_quantiles(options.clip_quantile, columns[c], low[first + c], high[first + c]);
    }
    scaling.low = std::move(low);
    scaling.high = std::move(high);
  }
  const auto means_of = [&](const auto& f) {
    std::vector<double> sums(width);
    each_block([&] {
      for (std::size_t i = 0; i < block.size(); ++i) sums[i % width] += f(block[i]);
    });
    for (double& sum : sums) sum /= static_cast<double>(count());
    return sums;
  };
  if (options.preprocess == "center" || options.preprocess == "standardize")
    scaling.shift = means_of([](double x) { return x; });
  if (options.preprocess == "standardize") {
    auto scale = means_of([](double x) { return x * x; });
    for (double& s : scale) s = s > 0 ? 1 / std::sqrt(s) : 1;
    scaling.scale = std::move(scale);
  }
  if (options.preprocess == "row_norm") {
    std::vector<double> factors;
    each_block([&] {
      for (std::size_t i = 0; i < block.size(); i += width) {
        const double squares =
            std::inner_product(block.begin() + i, block.begin() + i + width, block.begin() + i, 0.0);
        factors.push_back(squares > 0 ? 1 / std::sqrt(squares) : 1);
      }
    });
    scaling.row = std::move(factors);
  }
  return scaling;
}

}  // namespace hypercast::similarity
