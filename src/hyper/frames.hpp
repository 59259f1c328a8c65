#pragma once
// Frames of trajectory files, in one array per node: what is learned, and what forecasts are compared with.

#include <filesystem>
#include <span>
#include <vector>

#include "core/context.hpp"
#include "core/shared_array.hpp"
#include "hyper/encoder.hpp"
#include "io/trajectory.hpp"

namespace hypercast::hyper {

// Which frames, and where they are. Time conditions: all frames of one trajectory, counted through the files
// in the order of their names; the conditions are their times. Index conditions: the first frames of all
// trajectories; the conditions are 0, 1, 2, ...
struct FrameList {
  struct Piece {
    std::size_t file;    // of `files`
    int trajectory;      // in that file
    std::int64_t count;  // of frames from its first on
  };
  std::vector<io::TrajectoryFile> files;
  io::TrajectoryLayout layout;  // of the trajectory (time) or of the first file (index)
  std::vector<double> conditions;
  std::vector<Piece> pieces;
};

// COLLECTIVE. Looks at all files of the folder (io::look_at_trajectories), reads no frames. UserError when
// there is no such trajectory, or the files do not share fields and grid.
FrameList find_frames(const Comm& comm, const std::filesystem::path& folder, Condition condition,
                      int trajectory);

class Frames {
 public:
  // COLLECTIVE. Every node reads all frames, each of its ranks a share. UserError (Exit::data) when a value
  // is not finite.
  Frames(const Context& context, const FrameList& list);

  std::size_t count() const { return count_; }
  std::size_t size() const { return size_; }  // of a frame: points x channels
  // values[point][channel]
  std::span<const float> operator[](std::size_t k) const {
    return values_.values().subspan(k * size_, size_);
  }
  std::span<float> operator[](std::size_t k) { return values_.values().subspan(k * size_, size_); }
  void sync() { values_.sync(); }  // COLLECTIVE over the node, after writing

 private:
  std::size_t count_, size_;
  SharedArray<float> values_;
};

}  // namespace hypercast::hyper
