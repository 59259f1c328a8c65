#include "forecast/galerkin/draw.hpp"

#include <algorithm>
#include <numeric>

#include "core/random.hpp"

namespace hypercast::forecast {

// The first entries of a shuffle of R. A. Fisher and F. Yates.
std::vector<std::size_t> draw_points(std::size_t points, std::size_t count, std::uint64_t seed,
                                     std::uint32_t step) {
  std::vector<std::size_t> numbers(points);
  std::iota(numbers.begin(), numbers.end(), std::size_t{0});
  const Random random(seed, Random::Purpose::points, step);
  for (std::size_t i = 0; i < count; ++i)
    std::swap(numbers[i], numbers[i + random.below(static_cast<std::uint32_t>(points - i), i)]);
  numbers.resize(count);
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

}  // namespace hypercast::forecast
