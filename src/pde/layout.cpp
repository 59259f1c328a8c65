#include "pde/layout.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <limits>

#include "core/error.hpp"

namespace hypercast::pde {

namespace {

// Tries every factorisation of `ranks` over the axes from `axis` on; `split` holds the factors so far.
void search(const Domain& domain, int width, std::size_t axis, int ranks, std::vector<int>& split,
            std::vector<int>& best, double& least) {
  if (axis == domain.axes.size()) {
    if (ranks != 1) return;
    double surface = 0;
    for (std::size_t a = 0; a < split.size(); ++a)
      surface += static_cast<double>(split[a] - 1) / domain.axes[a].points;
    if (surface < least) {
      least = surface;
      best = split;
    }
    return;
  }
  const int points = domain.axes[axis].points;
  for (int parts = ranks; parts >= 1; --parts) {  // of equals, the one that cuts the slow axes
    if (ranks % parts != 0 || points / parts < std::max(1, width)) continue;
    split.push_back(parts);
    search(domain, width, axis + 1, ranks / parts, split, best, least);
    split.pop_back();
  }
}

}  // namespace

std::optional<std::vector<int>> rank_grid(const Domain& domain, int width, int ranks) {
  std::vector<int> split, best;
  double least = std::numeric_limits<double>::infinity();
  search(domain, width, 0, ranks, split, best, least);
  if (best.empty()) return std::nullopt;
  return best;
}

int most_ranks(const Domain& domain, int width, int limit) {
  for (int ranks = limit; ranks > 0; --ranks)
    if (rank_grid(domain, width, ranks)) return ranks;
  return 0;
}

RankGrid require_rank_grid(const Domain& domain, const std::vector<int>& reach, int ranks) {
  const int width = *std::max_element(reach.begin(), reach.end());
  for (std::size_t a = 0; a < reach.size(); ++a)
    if (const int least = std::max(2 * reach[a] + 1, width); domain.axes[a].points < least)
      throw UserError(Exit::data,
                      fmt::format("grid.points: axis {} has {} points, its stencils need at least {}",
                                  domain.axes[a].name, domain.axes[a].points, least));
  if (auto split = rank_grid(domain, width, ranks)) return {*split, width};
  throw UserError(
      Exit::data,
      fmt::format("a grid of {} points cannot be divided among {} ranks: its stencils allow at most {}; "
                  "run fewer ranks or set ensemble.ranks_per_group",
                  to_text(domain), ranks, most_ranks(domain, width, ranks)));
}

}  // namespace hypercast::pde
