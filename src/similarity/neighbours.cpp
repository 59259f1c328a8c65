#include "similarity/neighbours.hpp"

#include <algorithm>

#include "core/buffer.hpp"
#include "core/error.hpp"
#include "similarity/dense.hpp"

namespace hypercast::similarity {

namespace {

constexpr std::size_t block = 256;  // rows whose distances are in memory

struct Neighbour {
  double distance;
  std::int32_t row;
};

// Writes the nearest rows of row `self`, rising. Whether they are nearer than the rest.
bool find_nearest(std::span<const double> distances, std::size_t self, std::vector<Neighbour>& best,
                  std::span<std::int32_t> out) {
  best.clear();
  double farthest = 0;
  for (std::size_t j = 0; j < distances.size(); ++j) {
    if (j == self) continue;
    farthest = std::max(farthest, distances[j]);
    const bool full = best.size() == out.size();
    if (full && !(distances[j] < best.back().distance)) continue;  // the lower number was here first
    if (full) best.pop_back();
    const auto place = std::upper_bound(best.begin(), best.end(), distances[j],
                                        [](double d, const Neighbour& b) { return d < b.distance; });
    best.insert(place, {distances[j], static_cast<std::int32_t>(j)});
  }
  std::transform(best.begin(), best.end(), out.begin(), [](const Neighbour& b) { return b.row; });
  std::sort(out.begin(), out.end());
  return best.front().distance < farthest;
}

}  // namespace

std::vector<std::int32_t> nearest(Buffer<double> x, std::int64_t n, std::size_t width, int k) {
  check(k >= 1 && k < n, "as many neighbours as there are other rows, at most");
  const auto rows = static_cast<std::size_t>(n);
  const Directions directions(std::move(x), rows, width);
  Buffer<double> distances;
  std::vector<std::int32_t> found(rows * k);
  std::vector<Neighbour> best;
  bool told_apart = false;
  for (std::size_t begin = 0; begin < rows; begin += block) {
    const std::size_t end = std::min(rows, begin + block);
    distances.resize((end - begin) * rows);
    directions.distances(begin, end, distances);
    for (std::size_t i = begin; i < end; ++i)
      told_apart |= find_nearest(std::span(distances).subspan((i - begin) * rows, rows), i, best,
                                 std::span(found).subspan(i * k, k));
  }
  if (!told_apart) std::fill(found.begin(), found.end(), -1);
  return found;
}

int shared_neighbours(std::span<const std::int32_t> a, std::span<const std::int32_t> b) {
  int count = 0;
  for (auto p = a.begin(), q = b.begin(); p != a.end() && q != b.end();) {
    count += *p == *q;
    const bool step_q = *q <= *p;
    if (*p <= *q) ++p;
    if (step_q) ++q;
  }
  return count;
}

Status status_of_neighbours(std::int64_t n, int k, std::span<const std::int32_t> x,
                            std::span<const std::int32_t> y) {
  if (k >= n - 1) return Status::too_few_rows;
  return x.front() < 0 || y.front() < 0 ? Status::zero_variance : Status::ok;
}

}  // namespace hypercast::similarity
