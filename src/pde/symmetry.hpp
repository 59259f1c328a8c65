#pragma once
// Symmetries of an equation on its grid: maps of points that turn a solution into another one.

#include <array>
#include <cstdint>
#include <vector>

#include "pde/domain.hpp"

namespace hypercast::pde {

// A shift by any number of grid points along a direction, or a mirror.
struct Symmetry {
  std::array<int, 3> shift{};    // points along each axis, which must be periodic where it is not 0
  std::array<bool, 3> mirror{};  // x -> lower + upper - x
  std::vector<double> signs;     // that the channels take in the mirror; empty: all stay
};

// One map: new[point][c] = signs[c] old[from[point]][c].
struct GridMap {
  std::vector<std::uint32_t> from;
  std::vector<double> signs;
};

// At most `count` different maps that the symmetries generate, the identity first: all of them when there are
// not more, else drawn from (seed).
std::vector<GridMap> images(const std::vector<Symmetry>& symmetries, const Domain& domain,
                            std::size_t channels, std::size_t count, std::uint64_t seed);

}  // namespace hypercast::pde
