#pragma once
// Which points of a grid a step is taken on.
//
// Random subsets redrawn at every step: J. Berman, B. Peherstorfer, "Randomized sparse Neural Galerkin
// schemes for solving evolution equations with deep networks", NeurIPS 2023, draw weights; here points are
// drawn.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hypercast::forecast {

// `count` different numbers below `points`, rising; a function of (seed, step) alone.
std::vector<std::size_t> draw_points(std::size_t points, std::size_t count, std::uint64_t seed,
                                     std::uint32_t step);

}  // namespace hypercast::forecast
