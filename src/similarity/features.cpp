#include "similarity/features.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "io/on_root.hpp"

namespace hypercast::similarity {

namespace {

// Rows at a time.
std::int64_t reading(std::size_t width) {
  return std::clamp<std::int64_t>((std::int64_t{1} << 20) / static_cast<std::int64_t>(width), 1, 512);
}

std::vector<std::size_t> widths_of(const std::vector<Extent>& extents) {
  std::vector<std::size_t> widths;
  for (const auto& extent : extents) widths.push_back(extent.width);
  return widths;
}

// Those of inputs.
std::vector<std::int64_t> rows_of(const std::vector<std::int64_t>& inputs, std::int64_t each) {
  std::vector<std::int64_t> rows;
  for (const auto input : inputs)
    for (std::int64_t row = 0; row < each; ++row) rows.push_back(input * each + row);
  return rows;
}

double bytes_of(const std::vector<Extent>& extents, const Range& models, std::size_t rows) {
  double bytes = 0;
  for (auto j = models.begin; j < models.end; ++j)
    bytes +=
        static_cast<double>(extents[j].width * rows * (extents[j].single ? sizeof(float) : sizeof(double)));
  return bytes;
}

// Reads rows `wanted` (rising) of a source into a store; returns the places of those with numbers that are
// not finite.
std::vector<std::int64_t> fill(Source& source, std::span<const std::int64_t> wanted, Store& store) {
  const std::size_t width = source.width();
  std::vector<std::int64_t> bad;
  Buffer<double> block, picked;
  std::size_t at = 0;
  for (const auto& range : blocks_of(wanted.back() + 1, reading(width))) {
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

}  // namespace

std::vector<Extent> survey(const Comm& comm, std::size_t models, const Open& open) {
  std::vector<double> own;
  const Range mine = share_of(static_cast<std::int64_t>(models), comm.rank(), comm.size());
  io::on_all(comm, [&] {
    for (auto j = mine.begin; j < mine.end; ++j) {
      const auto source = open(j);
      own.insert(own.end(), {static_cast<double>(source->rows()), static_cast<double>(source->samples()),
                             static_cast<double>(source->width()), static_cast<double>(source->places()),
                             source->fits_float() ? 1.0 : 0.0, source->rounding()});
    }
  });
  const auto all = comm.all_gather<double>(own);
  std::vector<Extent> extents;
  for (std::size_t i = 0; i + 5 < all.size(); i += 6)
    extents.push_back({static_cast<std::int64_t>(all[i]), static_cast<std::int64_t>(all[i + 1]),
                       static_cast<std::size_t>(all[i + 2]), static_cast<std::size_t>(all[i + 3]),
                       all[i + 4] > 0, all[i + 5]});
  return extents;
}

Features::Features(const Context& context, const std::vector<Extent>& extents, const Open& open,
                   const std::vector<std::string>& names, const std::vector<std::int64_t>& chosen,
                   const SimilarityOptions& options, const std::filesystem::path& scratch)
    : widths_(widths_of(extents)), ownership_(widths_, context.comm), each_(extents.front().each()) {
  for (const auto& extent : extents) roundings_.push_back(extent.rounding);
  auto rising = chosen;
  std::sort(rising.begin(), rising.end());
  const auto rows = rows_of(rising, each_);
  const auto room = room_for(bytes_of(extents, ownership_.mine(), rows.size()),
                             {.memory = options.memory * (1 << 20) * 2, .single = false, .scratch = scratch});
  std::vector<std::optional<Store>> stores(extents.size());
  std::vector<std::int64_t> dropped;
  io::on_all(context.comm, [&] {
    for (auto j = ownership_.mine().begin; j < ownership_.mine().end; ++j) {
      stores[j].emplace(static_cast<std::int64_t>(rows.size()), widths_[j], extents[j].single, room);
      for (const auto place : fill(*open(j), rows, *stores[j])) {
        if (options.nonfinite == "refuse")
          throw UserError(Exit::data, fmt::format("{}: row {} has numbers that are not finite ([similarity] "
                                                  "nonfinite = \"drop\" leaves such rows out)",
                                                  names[j], rows[place]));
        dropped.push_back(rows[place] / each_);
      }
    }
  });
  dropped = context.comm.all_gather<std::int64_t>(dropped);
  std::sort(dropped.begin(), dropped.end());
  std::vector<std::int64_t> places;
  for (const auto input : chosen) {
    if (std::binary_search(dropped.begin(), dropped.end(), input)) continue;
    inputs_.push_back(input);
    places.push_back(std::lower_bound(rising.begin(), rising.end(), input) - rising.begin());
  }
  stored_ = std::make_unique<Stored>(static_cast<std::int64_t>(rows.size()), widths_, ownership_,
                                     std::move(stores));
  selected_ = std::make_unique<Selected>(*stored_, rows_of(places, each_));
  scaled_ = std::make_unique<Scaled>(*selected_);
  if (count() > 0) each_own_model(context, *selected_, [&](std::size_t j) { scaled_->find(j, options); });
}

}  // namespace hypercast::similarity
