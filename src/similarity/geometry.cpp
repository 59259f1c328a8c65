#include "similarity/geometry.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "core/error.hpp"
#include "similarity/dense.hpp"

namespace hypercast::similarity {

namespace {

constexpr std::size_t block = 256;  // rows whose correlations are in memory

// Every row without its mean; without its first number first, so that what is constant becomes exactly 0.
void centre_rows(std::span<double> x, std::size_t width) {
  for (auto row = x.begin(); row != x.end(); row += static_cast<std::ptrdiff_t>(width)) {
    const auto end = row + static_cast<std::ptrdiff_t>(width);
    std::transform(row, end, row, [first = *row](double v) { return v - first; });
    const double mean = std::accumulate(row, end, 0.0) / static_cast<double>(width);
    std::transform(row, end, row, [mean](double v) { return v - mean; });
  }
}

Buffer<double> distances(std::span<const double> x, std::size_t n, std::size_t width) {
  Buffer<double> rows(x.begin(), x.end()), some, upper;
  centre_rows(rows, width);
  const Directions directions(std::move(rows), n, width);
  upper.reserve(n * (n - 1) / 2);
  for (std::size_t begin = 0; begin < n; begin += block) {
    const std::size_t end = std::min(n, begin + block);
    some.resize((end - begin) * n);
    directions.distances(begin, end, some);
    for (std::size_t i = begin; i < end; ++i)
      for (std::size_t j = i + 1; j < n; ++j) upper.push_back(some[(i - begin) * n + j]);
  }
  return upper;
}

// An entry of the list of distances, to be sorted.
struct Place {
  double distance;
  std::size_t entry;
};

}  // namespace

Buffer<double> distance_ranks(std::span<const double> x, std::int64_t n, std::size_t width) {
  check(n > 0 && width > 0 && x.size() == static_cast<std::size_t>(n) * width,
        "features and their numbers do not match");
  auto list = distances(x, static_cast<std::size_t>(n), width);
  std::vector<Place> places(list.size());
  for (std::size_t i = 0; i < list.size(); ++i) places[i] = {list[i], i};
  std::sort(places.begin(), places.end(),
            [](const Place& a, const Place& b) { return a.distance < b.distance; });
  double squares = 0;
  for (auto first = places.begin(); first != places.end();) {
    const auto last =
        std::find_if(first, places.end(), [&](const Place& p) { return p.distance > first->distance; });
    // Ranks from 0 on, twice, so that means are whole; the mean of all is size - 1.
    const auto twice = (first - places.begin()) + (last - places.begin()) - 1;
    const double rank = static_cast<double>(twice) - (static_cast<double>(list.size()) - 1);
    for (; first != last; ++first) {
      list[first->entry] = rank;
      squares += rank * rank;
    }
  }
  const double scale = squares > 0 ? 1 / std::sqrt(squares) : std::numeric_limits<double>::quiet_NaN();
  for (double& entry : list) entry *= scale;
  return list;
}

}  // namespace hypercast::similarity
