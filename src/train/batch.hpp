#pragma once
// What a step looks at. Pure functions of (seed, step), so a batch depends neither on the number of ranks nor
// on where a run was resumed.

#include <cstdint>
#include <vector>

namespace hypercast::train {

// Positions in [0, total): consecutive stretches of one random permutation per epoch; all of them, in order,
// when batch >= total (train/schedule.hpp).
std::vector<int> draw_frames(std::uint64_t seed, std::int64_t step, int batch, int total);

// Indices in [0, total) for one leaf of the step, drawn with replacement; empty stands for all points.
std::vector<std::uint32_t> draw_points(std::uint64_t seed, std::int64_t step, int leaf, int points,
                                       std::uint32_t total);

}  // namespace hypercast::train
