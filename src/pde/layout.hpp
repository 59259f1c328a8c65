#pragma once
// How many ranks go along each axis of a grid.

#include <optional>
#include <vector>

#include "pde/domain.hpp"

namespace hypercast::pde {

// The split of `ranks` over the axes with the smallest surface between blocks, or nothing when no split
// leaves every block at least `width` points along every axis.
std::optional<std::vector<int>> rank_grid(const Domain& domain, int width, int ranks);
// The largest number of ranks, at most `limit`, for which there is one (0: not even one rank).
int most_ranks(const Domain& domain, int width, int limit);

// How a grid is cut: parts along each axis, and the width of the halos. The width is the longest reach, the
// same on all axes, as a DMDA has only one; no block may be narrower along any axis.
struct RankGrid {
  std::vector<int> parts;
  int width = 0;
};
// For stencils that reach reach[axis] points along each axis. UserError (Exit::data) that says how many ranks
// or points it takes.
RankGrid require_rank_grid(const Domain& domain, const std::vector<int>& reach, int ranks);

}  // namespace hypercast::pde
