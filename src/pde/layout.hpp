#pragma once
// How many ranks go along each axis of a grid.

#include <optional>
#include <vector>

#include "pde/domain.hpp"

namespace hypercast::pde {

// The split of `ranks` over the axes with the smallest surface between blocks, or nothing when no split
// leaves every block at least reach[axis] points along every axis.
std::optional<std::vector<int>> rank_grid(const Domain& domain, const std::vector<int>& reach, int ranks);
// The largest number of ranks, at most `limit`, for which there is one (0: not even one rank).
int most_ranks(const Domain& domain, const std::vector<int>& reach, int limit);

// The split, or a UserError (Exit::data) that says how many ranks or points it takes.
std::vector<int> require_rank_grid(const Domain& domain, const std::vector<int>& reach, int ranks);

}  // namespace hypercast::pde
