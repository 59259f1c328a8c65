#include "hyper/frames.hpp"

#include <fmt/ranges.h>

#include <optional>

namespace hypercast::hyper {

namespace {

void check_same(const io::TrajectoryFile& first, const io::TrajectoryFile& other) {
  const std::string difference =
      first.layout.channels != other.layout.channels
          ? fmt::format("its fields are {} instead of {}", fmt::join(other.layout.channels, ", "),
                        fmt::join(first.layout.channels, ", "))
          : io::grid_difference(first.layout.axes, other.layout.axes);
  if (!difference.empty())
    throw UserError(Exit::data, fmt::format("{} does not fit {}: {}", other.path.string(),
                                            first.path.filename().string(), difference));
}

}  // namespace

FrameList find_frames(const Comm& comm, const std::filesystem::path& folder, Condition condition,
                      int trajectory) {
  const bool all = condition == Condition::index;
  FrameList list;
  list.files = io::look_at_trajectories(comm, io::trajectory_files(comm, folder));
  list.layout = list.files.front().layout;
  int seen = 0;
  for (std::size_t f = 0; f < list.files.size(); ++f) {
    const auto& layout = list.files[f].layout;
    check_same(list.files.front(), list.files[f]);
    for (int b = 0; b < layout.trajectories; ++b, ++seen) {
      if (!all && seen != trajectory) continue;
      if (!all) list.layout = layout;
      list.pieces.push_back({f, b, all ? 1 : static_cast<std::int64_t>(layout.times.size())});
      if (all) list.conditions.push_back(seen);
    }
  }
  if (list.pieces.empty())
    throw UserError(Exit::data, fmt::format("there is no trajectory {} in {}, which holds {}", trajectory,
                                            folder.string(), seen));
  if (!all) list.conditions = list.layout.times;
  return list;
}

Frames::Frames(const Context& context, const FrameList& list)
    : count_(list.conditions.size()), size_(list.layout.frame_size()), values_(context.node, count_ * size_) {
  std::int64_t first = 0;
  std::optional<io::TrajectoryReader> reader;
  std::size_t open = list.files.size();
  for (const auto& [file, trajectory, count] : list.pieces) {
    if (file != open) reader.emplace(context.comm, list.files[file]);
    open = file;
    const Range mine = share_of(count, context.node.rank(), context.node.size());
    reader->read(trajectory, mine,
                 values_.values().subspan((first + mine.begin) * size_, mine.size() * size_));
    first += count;
  }
  sync();
}

}  // namespace hypercast::hyper
