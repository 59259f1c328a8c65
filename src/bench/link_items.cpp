#include "bench/link_items.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "machine/link_fit.hpp"

namespace hypercast::bench {

namespace {

constexpr std::size_t sizes[] = {8, 64, 512, 4096, 32768, 262144, 1048576, 4194304};

machine::Summary in_order(double median, double one, double other, std::size_t count) {
  return {median, std::min({median, one, other}), std::max({median, one, other}), count};
}

}  // namespace

void add_link(const Bench& bench, const std::string& name, const std::string& where,
              const std::function<std::vector<double>(std::size_t bytes)>& measure) {
  std::vector<double> bytes, median, lower, upper;
  for (const auto size : sizes) {
    const auto summary = machine::summarise(measure(size));
    bench.add({fmt::format("{}.{}", name, size), "s", fmt::format("{} bytes {}", size, where), summary});
    bytes.push_back(static_cast<double>(size));
    median.push_back(summary.median);
    lower.push_back(summary.lower);
    upper.push_back(summary.upper);
  }
  const auto fit = machine::fit_link(bytes, median), fast = machine::fit_link(bytes, lower),
             slow = machine::fit_link(bytes, upper);
  const auto count = static_cast<std::size_t>(bench.rounds.repeats);
  bench.add({name + ".latency", "s", "alpha of alpha + bytes / bandwidth, " + where,
             in_order(fit.link.latency, fast.link.latency, slow.link.latency, count)});
  bench.add({name + ".bandwidth", "B/s", "bandwidth of alpha + bytes / bandwidth, " + where,
             in_order(1 / fit.link.seconds_per_byte, 1 / fast.link.seconds_per_byte,
                      1 / slow.link.seconds_per_byte, count)});
  bench.add({name + ".misfit", "1", "largest relative error of that line, " + where,
             in_order(fit.worst, fast.worst, slow.worst, count)});
}

}  // namespace hypercast::bench
