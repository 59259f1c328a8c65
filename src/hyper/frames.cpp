#include "hyper/frames.hpp"

#include <fmt/format.h>

namespace hypercast::hyper {

namespace {

void check_same(const io::TrajectoryLayout& first, const io::TrajectoryLayout& other,
                const std::filesystem::path& file) {
  const std::string difference =
      first.channels != other.channels ? "other fields" : io::grid_difference(first.axes, other.axes);
  if (!difference.empty())
    throw UserError(Exit::data, file.string() + " does not fit the first file of its folder: " + difference);
}

}  // namespace

FrameList find_frames(const Comm& comm, const std::filesystem::path& folder, Condition condition,
                      int trajectory) {
  const bool all = condition == Condition::index;
  FrameList list;
  int seen = 0;
  for (const auto& file : io::trajectory_files(comm, folder)) {
    const auto layout = io::TrajectoryReader(comm, file).layout();
    if (seen == 0) list.layout = layout;
    check_same(list.layout, layout, file);
    for (int b = 0; b < layout.trajectories; ++b, ++seen) {
      if (!all && seen != trajectory) continue;
      if (!all) list.layout = layout;
      list.pieces.push_back({file, b, all ? 1 : static_cast<std::int64_t>(layout.times.size())});
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
  for (const auto& [file, trajectory, count] : list.pieces) {
    const io::TrajectoryReader reader(context.comm, file);
    const Range mine = share_of(count, context.node.rank(), context.node.size());
    reader.read(trajectory, mine,
                values_.values().subspan((first + mine.begin) * size_, mine.size() * size_));
    first += count;
  }
  sync();
}

}  // namespace hypercast::hyper
