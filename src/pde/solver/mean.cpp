#include "pde/solver/mean.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace hypercast::pde {

double mean_of(const Comm& comm, std::span<const double> mine, std::int64_t total) {
  double largest = 0;
  bool finite = true;
  for (const double value : mine) {
    largest = std::max(largest, std::abs(value));
    finite = finite && std::isfinite(value);
  }
  if (!comm.all(finite)) return std::numeric_limits<double>::quiet_NaN();
  largest = comm.max(largest);
  if (largest == 0) return 0;
  // |value| < 2^exponent, and total <= 2^width: no sum of the integers overflows.
  const int exponent = std::ilogb(largest) + 1;
  const int shift = 62 - std::bit_width(static_cast<std::uint64_t>(total)) - exponent;
  std::int64_t sum = 0;
  for (const double value : mine) sum += std::llrint(std::ldexp(value, shift));
  return std::ldexp(static_cast<double>(comm.sum(sum)), -shift) / static_cast<double>(total);
}

}  // namespace hypercast::pde
