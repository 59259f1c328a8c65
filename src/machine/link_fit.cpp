#include "machine/link_fit.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"

namespace hypercast::machine {

namespace {

// Normal equations of alpha / t + beta n / t = 1.
Link least_squares(std::span<const double> bytes, std::span<const double> seconds) {
  double one = 0, n = 0, nn = 0, t = 0, nt = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const double weight = 1 / (seconds[i] * seconds[i]);
    one += weight;
    n += weight * bytes[i];
    nn += weight * bytes[i] * bytes[i];
    t += weight * seconds[i];
    nt += weight * bytes[i] * seconds[i];
  }
  const double determinant = one * nn - n * n;
  return {(t * nn - nt * n) / determinant, (one * nt - n * t) / determinant};
}

}  // namespace

LinkFit fit_link(std::span<const double> bytes, std::span<const double> seconds) {
  check(bytes.size() == seconds.size() && bytes.size() > 1 && bytes.front() < bytes.back(),
        "a link is fitted to two sizes of messages at least");
  check(*std::min_element(seconds.begin(), seconds.end()) > 0, "messages take time");
  LinkFit fit{least_squares(bytes, seconds)};
  if (!(fit.link.latency > 0 && fit.link.seconds_per_byte > 0))
    fit.link = {seconds.front(), seconds.back() / bytes.back()};
  for (std::size_t i = 0; i < bytes.size(); ++i)
    fit.worst = std::max(fit.worst, std::abs(fit.link.seconds(bytes[i]) / seconds[i] - 1));
  return fit;
}

}  // namespace hypercast::machine
