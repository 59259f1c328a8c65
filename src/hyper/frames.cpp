#include "hyper/frames.hpp"

#include <fmt/ranges.h>

#include <cmath>
#include <numeric>

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

FrameReader::FrameReader(const Context& context, FrameList list)
    : context_(context), list_(std::move(list)), open_(list_.files.size()) {}

namespace {

// Frames of one trajectory that follow each other, and where the first of them goes.
struct Run {
  int trajectory;  // of the file
  Range frames;
  std::size_t to;
};

// Samples [begin, end), all of one file, as few runs.
std::vector<Run> runs_of(const FrameList& list, std::span<const int> samples, std::int64_t begin,
                         std::int64_t end) {
  const auto frames = static_cast<std::int64_t>(list.frames());
  std::vector<Run> runs;
  for (auto k = begin; k < end; ++k) {
    const std::int64_t frame = samples[k] % frames;
    if (k > begin && frame > 0 && samples[k] == samples[k - 1] + 1)
      ++runs.back().frames.end;
    else
      runs.push_back({list.pieces[samples[k] / frames].trajectory, {frame, frame + 1}, std::size_t(k)});
  }
  return runs;
}

}  // namespace

void FrameReader::read(std::span<const int> samples, std::span<float> to) {
  const auto file_of = [&](std::int64_t k) { return list_.pieces[samples[k] / list_.frames()].file; };
  const std::size_t size = list_.layout.frame_size();
  const auto count = static_cast<std::int64_t>(samples.size());
  for (std::int64_t begin = 0, end = 0; begin < count; begin = end) {
    while (end < count && file_of(end) == file_of(begin)) ++end;
    if (const std::size_t file = file_of(begin); file != open_) {
      reader_.emplace(context_.comm, list_.files[file]);
      open_ = file;
    }
    const Range mine = share_of(end - begin, context_.node.rank(), context_.node.size());
    const auto runs = runs_of(list_, samples, begin + mine.begin, begin + mine.end);
    const auto calls = context_.comm.max<std::int64_t>(static_cast<std::int64_t>(runs.size()));
    for (std::size_t k = 0; k < static_cast<std::size_t>(calls); ++k) {
      const Run run = k < runs.size() ? runs[k] : Run{0, {0, 0}, 0};
      reader_->read(run.trajectory, run.frames, to.subspan(run.to * size, run.frames.size() * size));
    }
  }
}

Frames::Frames(const Context& context, const FrameList& list)
    : count_(list.samples()), size_(list.layout.frame_size()), values_(context.node, count_ * size_) {
  std::vector<int> all(count_);
  std::iota(all.begin(), all.end(), 0);
  FrameReader(context, list).read(all, values_.values());
  values_.sync();
}

}  // namespace hypercast::hyper
