#include <algorithm>
#include <array>
#include <cmath>

#include "io/on_root.hpp"
#include "io/trajectory.hpp"
#include "io/well.hpp"

namespace hypercast::io {

struct TrajectoryReader::File {
  Comm comm;
  std::string path;
  h5::File file;
  WellFile well;
};

namespace {

h5::File open_or_refuse(const std::string& path) {
  try {
    return h5::open(path);
  } catch (const h5::Failure& failure) {
    throw UserError(Exit::data, path + ": damaged or truncated HDF5 file: " + failure.plain);
  }
}

// Rank 0 alone, so that a bad file is met once and before anything collective.
void check_file(const std::string& path) {
  std::error_code failure;
  const auto status = std::filesystem::status(path, failure);
  if (!std::filesystem::exists(status)) throw UserError(Exit::no_input, "no such file: " + path);
  if (!std::filesystem::is_regular_file(status)) throw UserError(Exit::data, path + ": not a file");
  if (!h5::has_signature(path)) throw UserError(Exit::data, path + ": not an HDF5 file");
  const h5::File file = open_or_refuse(path);
  read_layout(file, path);
}

}  // namespace

TrajectoryReader::TrajectoryReader(const Comm& comm, const std::filesystem::path& path)
    : file_(new File{
          .comm = Comm(static_cast<MPI_Comm>(comm)), .path = path.string(), .file = {}, .well = {}}) {
  on_root(file_->comm, [&] { check_file(file_->path); });
  on_all(file_->comm, [&] { file_->file = open_or_refuse(file_->path); });
  on_all(file_->comm, [&] { file_->well = read_layout(file_->file, file_->path); });
}

TrajectoryReader::TrajectoryReader(TrajectoryReader&&) noexcept = default;

TrajectoryReader::~TrajectoryReader() = default;

const TrajectoryLayout& TrajectoryReader::layout() const { return file_->well.layout; }

namespace {

// One channel of a range of frames into every `channels`-th place of `values`; the first frame that holds a
// value that is not finite, or -1. Goes through a buffer of a few frames at a time.
std::int64_t read_channel(const WellFile& well, std::size_t channel, int trajectory, Range frames,
                          std::span<float> values) {
  constexpr std::size_t most = std::size_t{1} << 24;  // floats in the buffer
  const std::size_t points = well.layout.points(), channels = well.layout.channels.size();
  const auto piece = static_cast<std::int64_t>(std::max<std::size_t>(1, most / points));
  std::vector<float> buffer;
  std::int64_t bad = -1;
  for (std::int64_t frame = frames.begin; frame < frames.end; frame += piece) {
    const std::int64_t count = std::min(piece, frames.end - frame);
    h5::Shape start(well.layout.axes.size() + 2, 0), extent = {1, hsize_t(count)};
    start[0] = trajectory;
    start[1] = frame;
    for (const auto& axis : well.layout.axes) extent.push_back(axis.points.size());
    buffer.resize(count * points);
    h5::read_box(well.channels[channel], start, extent, buffer);
    float* out = values.data() + (frame - frames.begin) * points * channels + channel;
    for (std::size_t i = 0; i < buffer.size(); ++i, out += channels) {
      *out = buffer[i];
      if (bad < 0 && !std::isfinite(buffer[i])) bad = frame + static_cast<std::int64_t>(i / points);
    }
  }
  return bad;
}

}  // namespace

void TrajectoryReader::read(int trajectory, Range frames, std::span<float> values) const {
  const TrajectoryLayout& layout = file_->well.layout;
  std::vector<std::int64_t> bad;  // trajectory, frame, channel of the first value that is not finite
  on_all(file_->comm, [&] {
    if (frames.size() == 0) return;
    check(trajectory >= 0 && trajectory < layout.trajectories && frames.begin >= 0 && frames.size() > 0 &&
              frames.end <= std::int64_t(layout.times.size()),
          "frames outside the trajectory file");
    check(values.size() == frames.size() * layout.frame_size(), "frames do not fit the memory given");
    for (std::size_t channel = 0; channel < layout.channels.size(); ++channel) {
      const std::int64_t frame = read_channel(file_->well, channel, trajectory, frames, values);
      if (frame >= 0 && (bad.empty() || frame < bad[1])) bad = {trajectory, frame, std::int64_t(channel)};
    }
  });
  bad = file_->comm.all_gather(std::span<const std::int64_t>(bad));
  if (bad.empty()) return;
  std::array<std::int64_t, 3> first{bad[0], bad[1], bad[2]};
  for (std::size_t i = 3; i < bad.size(); i += 3) first = std::min(first, {bad[i], bad[i + 1], bad[i + 2]});
  throw UserError(Exit::data, file_->path + ": trajectory " + std::to_string(first[0]) + ", frame " +
                                  std::to_string(first[1]) + ": field '" + layout.channels[first[2]] +
                                  "' holds a value that is not finite");
}

}  // namespace hypercast::io
