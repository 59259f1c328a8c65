#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "io/foreign.hpp"
#include "io/on_root.hpp"
#include "io/seal.hpp"
#include "io/trajectory.hpp"
#include "io/trajectory_text.hpp"
#include "io/well.hpp"

namespace hypercast::io {

namespace {

// What is true of all files and needs no HDF5.
void check_place(const std::filesystem::path& path) {
  std::error_code failure;
  const auto status = std::filesystem::status(path, failure);
  if (!std::filesystem::exists(status)) throw UserError(Exit::no_input, "no such file: " + path.string());
  if (!std::filesystem::is_regular_file(status)) refuse(path.string(), "not a file");
}

TrajectoryFile look_at_own(const std::filesystem::path& path) {
  const std::string complaint = verify_trajectory(path);
  if (!complaint.empty()) refuse(path.string(), complaint);
  const h5::File file = h5::open(path);
  WellFile well = read_layout(file, path.string());
  return {path, true, std::move(well.layout), std::move(well.passed_over)};
}

TrajectoryFile look_at(const std::filesystem::path& path) {
  check_place(path);
  return claims_to_be_trajectory(path) ? look_at_own(path) : look_at_foreign(path);
}

std::vector<TrajectoryFile> unpack_all(std::string_view bytes) {
  std::vector<TrajectoryFile> files;
  while (!bytes.empty()) {
    std::uint64_t size = 0;
    std::copy_n(bytes.data(), sizeof size, reinterpret_cast<char*>(&size));
    auto file = from_bytes(bytes.substr(sizeof size, size));
    check(file.has_value(), "what is known of a trajectory file was lost on its way");
    files.push_back(std::move(*file));
    bytes.remove_prefix(sizeof size + size);
  }
  return files;
}

}  // namespace

std::vector<TrajectoryFile> look_at_trajectories(const Comm& comm,
                                                 const std::vector<std::filesystem::path>& paths) {
  std::string mine;
  on_all(comm, [&] {
    const Range share = share_of(static_cast<std::int64_t>(paths.size()), comm.rank(), comm.size());
    for (auto k = share.begin; k < share.end; ++k) {
      const std::string bytes = to_bytes(look_at(paths[k]));
      const std::uint64_t size = bytes.size();
      mine.append(reinterpret_cast<const char*>(&size), sizeof size).append(bytes);
    }
  });
  std::vector<TrajectoryFile> files;
  for (int rank = 0; rank < comm.size(); ++rank)
    for (auto& file : unpack_all(comm.broadcast(mine, rank))) files.push_back(std::move(file));
  return files;
}

struct TrajectoryReader::File {
  Comm comm;
  TrajectoryFile known;
  h5::File file;                 // only if sealed
  std::optional<WellFile> well;  // only if sealed
};

TrajectoryReader::TrajectoryReader(const Comm& comm, const std::filesystem::path& path)
    : TrajectoryReader(comm, std::move(look_at_trajectories(comm, {path}).at(0))) {}

TrajectoryReader::TrajectoryReader(const Comm& comm, TrajectoryFile file)
    : file_(new File{Comm(static_cast<MPI_Comm>(comm)), std::move(file), {}, {}}) {
  if (!file_->known.sealed) return;
  on_all(file_->comm, [&] {
    const std::string path = file_->known.path.string();
    file_->file = h5::open(path);
    file_->well = read_layout(file_->file, path);
  });
}

TrajectoryReader::TrajectoryReader(TrajectoryReader&&) noexcept = default;

TrajectoryReader::~TrajectoryReader() = default;

const TrajectoryLayout& TrajectoryReader::layout() const { return file_->known.layout; }

void TrajectoryReader::read(int trajectory, Range frames, std::span<float> values) const {
  const TrajectoryLayout& layout = file_->known.layout;
  const std::size_t channels = layout.channels.size(), size = layout.frame_size();
  std::vector<std::int64_t> bad;  // trajectory, frame, channel of the first value that is not finite
  on_all(file_->comm, [&] {
    if (frames.size() == 0) return;
    check(trajectory >= 0 && trajectory < layout.trajectories && frames.begin >= 0 && frames.size() > 0 &&
              frames.end <= std::int64_t(layout.times.size()),
          "frames outside the trajectory file");
    check(values.size() == frames.size() * size, "frames do not fit the memory given");
    if (file_->well)
      read_frames(*file_->well, trajectory, frames, values);
    else
      read_foreign(file_->known, trajectory, frames, values);
    const auto found =
        std::find_if_not(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
    if (found == values.end()) return;
    const std::size_t at = found - values.begin();
    bad = {trajectory, frames.begin + std::int64_t(at / size), std::int64_t(at % channels)};
  });
  bad = file_->comm.all_gather(std::span<const std::int64_t>(bad));
  if (bad.empty()) return;
  std::array<std::int64_t, 3> first{bad[0], bad[1], bad[2]};
  for (std::size_t i = 3; i < bad.size(); i += 3) first = std::min(first, {bad[i], bad[i + 1], bad[i + 2]});
  refuse(file_->known.path.string(), "trajectory " + std::to_string(first[0]) + ", frame " +
                                         std::to_string(first[1]) + ": field '" + layout.channels[first[2]] +
                                         "' holds a value that is not finite");
}

}  // namespace hypercast::io
