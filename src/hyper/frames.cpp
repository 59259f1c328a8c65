#include "hyper/frames.hpp"

#include <fmt/ranges.h>

#include <cmath>
#include <optional>

namespace hypercast::hyper {

namespace {

void check_same(const io::TrajectoryFile& first, const io::TrajectoryFile& other) {
  const auto text = layout_difference(first.layout.channels, first.layout.axes, other.layout);
  if (!text.empty())
    throw UserError(Exit::data, fmt::format("{} does not fit {}: {}", other.path.string(),
                                            first.path.filename().string(), text));
}

// Whether the first times are those of the list.
bool same_times(const std::vector<double>& own, const std::vector<double>& times) {
  const double interval = own.size() > 1 ? own[1] - own[0] : 1;
  bool same = times.size() >= own.size();
  for (std::size_t k = 0; same && k < own.size() && own.size() > 1; ++k)
    same = std::abs(times[k] - own[k]) <= 1e-4 * interval;
  return same;
}

// The first frames of the trajectories of the list must be at the same times.
void check_times(const FrameList& list, const io::TrajectoryFile& file) {
  if (!same_times(list.times, file.layout.times))
    throw UserError(Exit::data, fmt::format("{}: the times of its first {} frames are not those of {}",
                                            file.path.string(), list.times.size(),
                                            list.files[list.pieces.front().file].path.filename().string()));
}

}  // namespace

std::string layout_difference(const std::vector<std::string>& channels, const std::vector<io::Axis>& axes,
                              const io::TrajectoryLayout& other) {
  if (channels != other.channels)
    return fmt::format("its fields are {} instead of {}", fmt::join(other.channels, ", "),
                       fmt::join(channels, ", "));
  return io::grid_difference(axes, other.axes);
}

FrameList find_frames(const Comm& comm, const std::filesystem::path& folder, const FrameChoice& choice) {
  FrameList list;
  list.files = io::look_at_trajectories(comm, io::trajectory_files(comm, folder));
  int seen = 0;
  for (std::size_t f = 0; f < list.files.size(); ++f) {
    check_same(list.files.front(), list.files[f]);
    for (int b = 0; b < list.files[f].layout.trajectories; ++b, ++seen)
      if (choice.trajectory < 0 || seen == choice.trajectory) list.pieces.push_back({f, b, seen});
  }
  if (list.pieces.empty())
    throw UserError(Exit::data, fmt::format("there is no trajectory {} in {}, which holds {}",
                                            choice.trajectory, folder.string(), seen));
  const auto& first = list.files[list.pieces.front().file];
  list.layout = first.layout;
  list.times = list.layout.times;
  if (choice.frames > static_cast<int>(list.times.size()))
    throw UserError(Exit::data, fmt::format("{} frames are asked for but {} holds {}", choice.frames,
                                            first.path.string(), list.times.size()));
  if (choice.frames > 0) list.times.resize(choice.frames);
  for (const auto& piece : list.pieces) check_times(list, list.files[piece.file]);
  return list;
}

Frames::Frames(const Context& context, const FrameList& list)
    : count_(list.samples()), size_(list.layout.frame_size()), values_(context.node, count_ * size_) {
  const auto frames = static_cast<std::int64_t>(list.frames());
  std::int64_t first = 0;
  std::optional<io::TrajectoryReader> reader;
  std::size_t open = list.files.size();
  for (const auto& [file, trajectory, number] : list.pieces) {
    if (file != open) reader.emplace(context.comm, list.files[file]);
    open = file;
    const Range mine = share_of(frames, context.node.rank(), context.node.size());
    reader->read(trajectory, mine,
                 values_.values().subspan((first + mine.begin) * size_, mine.size() * size_));
    first += frames;
  }
  sync();
}

}  // namespace hypercast::hyper
