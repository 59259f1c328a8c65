#pragma once
// Which points of a grid are observed: all of them, or those of a mask.

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "core/comm.hpp"
#include "io/trajectory.hpp"

namespace hypercast::hyper {

struct Observed {
  double rate = 1;  // part of the points
  // Indices of points in rising order: of one mask for all trajectories, or of one a trajectory. Empty: all
  // points are observed.
  std::vector<std::vector<std::uint32_t>> masks;
  std::int64_t seed = 1;  // of masks that are drawn
  bool each = false;      // a mask a trajectory was asked for, though there may be one trajectory only

  bool everywhere() const { return masks.empty(); }
  bool own() const { return each || masks.size() > 1; }  // each trajectory has its own mask
  // Empty: all points.
  std::span<const std::uint32_t> of(std::size_t trajectory) const {
    if (masks.empty()) return {};
    return masks[own() ? trajectory : 0];
  }
};

// How observed points are chosen; keys of two sections.
struct ObservedChoice {
  double rate = 1;
  bool own = false;  // a mask for each trajectory
  std::int64_t seed = 1;
};

// COLLECTIVE. One mask for all: that of the run folder's mask file (io/masks.hpp) when there is such a file.
// Otherwise points are drawn one by one with this probability, from (seed, trajectory). `source` becomes a
// word on where it is from. UserError (Exit::data) when nothing is observed, or the mask has another shape.
Observed observed_points(const Comm& comm, const std::filesystem::path& run_folder,
                         const ObservedChoice& choice, const std::vector<io::Axis>& axes,
                         std::size_t trajectories, std::string& source);

}  // namespace hypercast::hyper
