#pragma once
// Frames of trajectory files: what is learned, and what forecasts are compared with. They are read into
// memory that the ranks of a node share, each rank a share.

#include <filesystem>
#include <optional>
#include <span>
#include <vector>

#include "core/context.hpp"
#include "core/shared_array.hpp"
#include "io/trajectory.hpp"

namespace hypercast::hyper {

// Which trajectories, counted through the files in the order of their names, and how much of each.
struct FrameChoice {
  int trajectory = -1;  // that one; below 0: all
  int frames = 0;       // the first so many; 0: all
};

// Frames of trajectories, and where they are: sample = trajectory of the list x frames + frame.
struct FrameList {
  struct Piece {
    std::size_t file;  // of `files`
    int trajectory;    // in that file
    int number;        // counted through the files
  };
  std::vector<io::TrajectoryFile> files;
  io::TrajectoryLayout layout;  // of the first trajectory of the list
  std::vector<Piece> pieces;    // trajectories of the list
  std::vector<double> times;    // of the frames, the same in all trajectories of the list

  std::size_t frames() const { return times.size(); }
  std::size_t samples() const { return pieces.size() * frames(); }
  // Of the equation, as the file of that trajectory tells.
  const std::vector<std::pair<std::string, double>>& parameters(std::size_t trajectory) const {
    return files[pieces[trajectory].file].layout.parameters;
  }
};

// COLLECTIVE. Looks at all files of the folder (io::look_at_trajectories), reads no frames. UserError
// (Exit::data) when there is no such trajectory, one has fewer frames, or they do not share fields, grid and
// the times of these frames.
FrameList find_frames(const Comm& comm, const std::filesystem::path& folder, const FrameChoice& choice);

// What keeps frames of another layout from standing beside those with these fields on this grid, in a few
// words; empty when nothing does.
std::string layout_difference(const std::vector<std::string>& channels, const std::vector<io::Axis>& axes,
                              const io::TrajectoryLayout& other);

class FrameReader {
 public:
  // The context is borrowed.
  FrameReader(const Context& context, FrameList list);

  // COLLECTIVE. Reads these samples into to[place in `samples`][point][channel], which all ranks of the node
  // see: every node reads all of them, each of its ranks a share. Samples of one file that follow each other
  // are read together; the file read last stays open. UserError (Exit::data) when a value is not finite.
  void read(std::span<const int> samples, std::span<float> to);

 private:
  const Context& context_;
  FrameList list_;
  std::size_t open_;  // of the list's files
  std::optional<io::TrajectoryReader> reader_;
};

// All frames of a list, in one array per node.
class Frames {
 public:
  // COLLECTIVE. Reads them. UserError (Exit::data) when a value is not finite.
  Frames(const Context& context, const FrameList& list);

  std::size_t count() const { return count_; }
  std::size_t size() const { return size_; }  // of a frame: points x channels
  // values[point][channel]
  std::span<const float> operator[](std::size_t k) const {
    return values_.values().subspan(k * size_, size_);
  }

 private:
  std::size_t count_, size_;
  SharedArray<float> values_;
};

}  // namespace hypercast::hyper
