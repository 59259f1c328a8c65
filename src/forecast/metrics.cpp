#include "forecast/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"

namespace hypercast::forecast {

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

FrameError error_or_nothing(const std::vector<float>& forecast, const std::vector<float>& truth) {
  return truth.empty() ? FrameError{unknown, unknown, unknown} : frame_error(forecast, truth);
}

double mean_square(std::span<const double> values) {
  double sum = 0;
  for (const double value : values) sum += value * value;
  return sum / static_cast<double>(values.size());
}

}  // namespace

SplitError split_error(std::span<const float> forecast, std::span<const float> truth,
                       std::span<const std::uint32_t> observed, std::size_t channels) {
  check(forecast.size() == truth.size() && channels > 0 && truth.size() % channels == 0,
        "fields of several sizes");
  std::vector<float> seen, seen_truth, unseen, unseen_truth;
  auto next = observed.begin();
  for (std::size_t i = 0; i < truth.size() / channels; ++i) {
    const bool inside = next != observed.end() && *next == i;
    if (inside) ++next;
    for (std::size_t j = i * channels; j < (i + 1) * channels; ++j) {
      (inside ? seen : unseen).push_back(forecast[j]);
      (inside ? seen_truth : unseen_truth).push_back(truth[j]);
    }
  }
  return {error_or_nothing(seen, seen_truth), error_or_nothing(unseen, unseen_truth)};
}

ValidTime valid_time(std::span<const double> relative_l2, std::span<const double> times, double start,
                     double threshold) {
  check(!times.empty() && relative_l2.size() % times.size() == 0, "errors and times do not match");
  ValidTime result;
  result.trajectories = static_cast<int>(relative_l2.size() / times.size());
  for (int b = 0; b < result.trajectories; ++b) {
    const auto errors = relative_l2.subspan(b * times.size(), times.size());
    std::size_t k = 0;
    while (k < times.size() && (times[k] < start || errors[k] <= threshold)) ++k;
    if (k == times.size()) ++result.never;
    result.each.push_back(std::max(0.0, times[std::min(k, times.size() - 1)] - start));
    result.mean += result.each.back() / result.trajectories;
  }
  return result;
}

double correlation(std::span<const double> a, std::span<const double> b) {
  check(a.size() == b.size(), "a correlation of lists of two lengths");
  const auto n = static_cast<double>(a.size());
  double mean_a = 0, mean_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    mean_a += a[i] / n;
    mean_b += b[i] / n;
  }
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - mean_a) * (b[i] - mean_b);
    aa += (a[i] - mean_a) * (a[i] - mean_a);
    bb += (b[i] - mean_b) * (b[i] - mean_b);
  }
  // Equal numbers have a mean that is off by rounding.
  const bool vary = aa > 1e-24 * n * mean_a * mean_a && bb > 1e-24 * n * mean_b * mean_b;
  return vary ? ab / std::sqrt(aa * bb) : unknown;
}

SpreadSkill spread_skill(std::span<const double> spread, std::span<const double> error, std::size_t times) {
  check(spread.size() == error.size() && times > 0 && spread.size() % times == 0 && !spread.empty(),
        "spread and error do not match");
  SpreadSkill result;
  result.ratio = std::sqrt(mean_square(spread) / mean_square(error));
  result.correlation = correlation(spread, error);
  const std::size_t trajectories = spread.size() / times;
  double sum = 0;
  int counted = 0;
  for (std::size_t k = 0; k < times && trajectories >= 3; ++k) {
    std::vector<double> s, e;
    for (std::size_t b = 0; b < trajectories; ++b) {
      s.push_back(spread[b * times + k]);
      e.push_back(error[b * times + k]);
    }
    const double one = correlation(s, e);
    if (!std::isfinite(one)) continue;
    sum += one;
    ++counted;
  }
  result.among_trajectories = counted > 0 ? sum / counted : unknown;
  return result;
}

}  // namespace hypercast::forecast
