#include "train/batch.hpp"

#include "core/random.hpp"
#include "train/schedule.hpp"

namespace hypercast::train {

std::vector<int> draw_frames(std::uint64_t seed, std::int64_t step, int batch, int total) {
  std::vector<int> frames;
  for (const auto& stretch : Schedule(seed, batch, total).draw(step))
    frames.insert(frames.end(), stretch.frames.begin(), stretch.frames.end());
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
