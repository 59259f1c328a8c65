#include "similarity/statistics.hpp"

#include <cmath>

namespace hypercast::similarity {

namespace {

struct Moments {
  double mean = 0, squares = 0;  // sum of squares about the mean
};

Moments moments_of(const std::vector<Scores>& all, std::size_t entry) {
  Moments moments;
  const auto n = static_cast<double>(all.size());
  for (const auto& scores : all) moments.mean += scores.entries[entry].value / n;
  for (const auto& scores : all) {
    const double away = scores.entries[entry].value - moments.mean;
    moments.squares += away * away;
  }
  return moments;
}

}  // namespace

Statistics statistics_of(const Comparison& comparison, bool larger_is_more_similar) {
  Statistics result;
  const auto groups = static_cast<double>(comparison.without.size());
  const auto draws = static_cast<double>(comparison.permuted.size());
  for (std::size_t i = 0; i < comparison.value.entries.size(); ++i) {
    if (groups > 1)
      result.standard_error.push_back(
          std::sqrt((groups - 1) / groups * moments_of(comparison.without, i).squares));
    if (draws == 0) continue;
    const auto null = moments_of(comparison.permuted, i);
    const double value = comparison.value.entries[i].value;
    double as_similar = 0;
    for (const auto& scores : comparison.permuted) {
      const double chance = scores.entries[i].value;
      if (larger_is_more_similar ? chance >= value : chance <= value) ++as_similar;
    }
    result.null_mean.push_back(null.mean);
    result.null_deviation.push_back(draws > 1 ? std::sqrt(null.squares / (draws - 1)) : NAN);
    result.p_value.push_back(std::isfinite(value) && std::isfinite(null.mean) ? (1 + as_similar) / (1 + draws)
                                                                              : NAN);
  }
  return result;
}

}  // namespace hypercast::similarity
