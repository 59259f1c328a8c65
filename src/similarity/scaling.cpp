#include "similarity/scaling.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace hypercast::similarity {

namespace {

// see(panel [rows][width]) for all rows of a model.
void each_block(const Rows& rows, std::size_t model,
                const std::function<void(std::span<const double>)>& see) {
  const auto order = all_rows(rows.count());
  Buffer<double> panel;
  const auto at_a_time = std::clamp<std::int64_t>(
      (std::int64_t{1} << 20) / static_cast<std::int64_t>(rows.widths()[model]), 1, 512);
  for (const auto& range : blocks_of(rows.count(), at_a_time)) {
    panel.resize(range.size() * rows.widths()[model]);
    rows.read(model, std::span(order).subspan(range.begin, range.size()), panel);
    see(panel);
  }
}

// The q and 1 - q quantiles of a column, between the numbers nearest to them.
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

// As many columns at a time as an eighth of the memory holds.
void find_limits(const Rows& rows, std::size_t model, const SimilarityOptions& options, Scaling& scaling) {
  const std::size_t width = rows.widths()[model];
  const double column = sizeof(double) * static_cast<double>(rows.count());
  const auto together =
      std::max<std::size_t>(1, static_cast<std::size_t>(options.memory * (1 << 20) / 8 / column));
  std::vector<double> low(width), high(width);
  for (std::size_t first = 0; first < width; first += together) {
    std::vector<std::vector<double>> columns(std::min(together, width - first));
    for (auto& one : columns) one.reserve(rows.count());
    each_block(rows, model, [&](std::span<const double> panel) {
      for (std::size_t i = 0; i < panel.size(); i += width)
        for (std::size_t c = 0; c < columns.size(); ++c) columns[c].push_back(panel[i + first + c]);
    });
    for (std::size_t c = 0; c < columns.size(); ++c)
      find_quantiles(options.clip_quantile, columns[c], low[first + c], high[first + c]);
  }
  scaling.low = std::move(low);
  scaling.high = std::move(high);
}

// 1 / deviation of columns whose mean is 0; 1 of zeros.
std::vector<double> scales_of(const Rows& rows, std::size_t model) {
  const std::size_t width = rows.widths()[model];
  std::vector<double> scales(width);
  each_block(rows, model, [&](std::span<const double> panel) {
    for (std::size_t i = 0; i < panel.size(); ++i) scales[i % width] += panel[i] * panel[i];
  });
  for (double& s : scales) s = s > 0 ? std::sqrt(static_cast<double>(rows.count()) / s) : 1;
  return scales;
}

// 1 / norm of rows; 1 of zeros.
std::vector<double> row_factors(const Rows& rows, std::size_t model) {
  const std::size_t width = rows.widths()[model];
  std::vector<double> factors;
  each_block(rows, model, [&](std::span<const double> panel) {
    for (auto row = panel.begin(); row != panel.end(); row += static_cast<std::ptrdiff_t>(width)) {
      const double squares = std::inner_product(row, row + static_cast<std::ptrdiff_t>(width), row, 0.0);
      factors.push_back(squares > 0 ? 1 / std::sqrt(squares) : 1);
    }
  });
  return factors;
}

}  // namespace

void Scaled::find(std::size_t model, const SimilarityOptions& options) {
  auto& scaling = scalings_[model];
  if (options.clip_quantile > 0) find_limits(base_, model, options, scaling);
  // Each step sees what the steps before it have made.
  const bool standardize = options.preprocess == "standardize";
  if (standardize || options.preprocess == "center") scaling.shift = column_means(*this, model);
  if (standardize) scaling.scale = scales_of(*this, model);
  if (options.preprocess == "row_norm") scaling.row = row_factors(*this, model);
}

void Scaled::read(std::size_t model, std::span<const std::int64_t> rows, std::span<double> out) const {
  base_.read(model, rows, out);
  const auto& scaling = scalings_[model];
  if (scaling.low.empty() && scaling.shift.empty() && scaling.row.empty()) return;
  const std::size_t width = widths()[model];
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t c = 0; c < width; ++c) {
      double& y = out[i * width + c];
      if (!scaling.low.empty()) y = std::clamp(y, scaling.low[c], scaling.high[c]);
      if (!scaling.shift.empty()) y -= scaling.shift[c];
      if (!scaling.scale.empty()) y *= scaling.scale[c];
      if (!scaling.row.empty()) y *= scaling.row[rows[i]];
    }
}

}  // namespace hypercast::similarity
