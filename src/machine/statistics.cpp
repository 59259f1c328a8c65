#include "machine/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/error.hpp"

namespace hypercast::machine {

namespace {

double quantile(std::span<const double> sorted, double part) {
  const double place = part * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(std::floor(place));
  const auto above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], place - std::floor(place));
}

}  // namespace

Summary summarise(std::span<const double> samples) {
  check(!samples.empty(), "a summary of no samples");
  std::vector<double> sorted(samples.begin(), samples.end());
  std::sort(sorted.begin(), sorted.end());
  return {quantile(sorted, 0.5), quantile(sorted, 0.25), quantile(sorted, 0.75), sorted.size()};
}

Summary operator*(double factor, const Summary& summary) {
  return {factor * summary.median, factor * summary.lower, factor * summary.upper, summary.count};
}

}  // namespace hypercast::machine
