#include "train/batch.hpp"

#include <algorithm>
#include <numeric>

#include "core/random.hpp"

namespace hypercast::train {

namespace {

std::vector<int> permutation(std::uint64_t seed, std::int64_t epoch, int total) {
  const Random random(seed, Random::Purpose::frames, static_cast<std::uint32_t>(epoch));
  std::vector<double> key(total);
  for (int i = 0; i < total; ++i) key[i] = random.uniform(i);
  std::vector<int> order(total);
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](int a, int b) { return key[a] < key[b]; });
  return order;
}

}  // namespace

std::vector<int> draw_frames(std::uint64_t seed, std::int64_t step, int batch, int total) {
  std::vector<int> frames;
  if (batch >= total) {
    frames.resize(total);
    std::iota(frames.begin(), frames.end(), 0);
    return frames;
  }
  std::int64_t epoch = step * batch / total;
  auto order = permutation(seed, epoch, total);
  for (std::int64_t at = step * batch; at < (step + 1) * batch; ++at) {
    if (at / total != epoch) order = permutation(seed, epoch = at / total, total);
    frames.push_back(order[at % total]);
  }
  return frames;
}

std::vector<std::uint32_t> draw_points(std::uint64_t seed, std::int64_t step, int leaf, int points,
                                       std::uint32_t total) {
  std::vector<std::uint32_t> indices;
  if (points == 0 || static_cast<std::uint32_t>(points) >= total) return indices;
  const Random random(seed, Random::Purpose::points, static_cast<std::uint32_t>(step));
  for (int i = 0; i < points; ++i)
    indices.push_back(random.below(total, (static_cast<std::uint64_t>(leaf) << 32) + i));
  return indices;
}

}  // namespace hypercast::train
