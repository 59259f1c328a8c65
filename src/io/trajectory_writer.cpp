// Rank 0 makes the file with everything but the fields, through HDF5. The fields are contiguous arrays of
// little-endian floats at places HDF5 tells, and each rank writes its rows there itself. MPI-IO is not used:
// with Open MPI 4.1 an aggregated collective write loses its errors (a full disk looks like success on four
// ranks), fills gaps by unlocked read-modify-write, and a failure while closing leaves ranks waiting.

#include <fcntl.h>

#include <set>

#include "io/block_rows.hpp"
#include "io/durable.hpp"
#include "io/on_root.hpp"
#include "io/seal.hpp"
#include "io/trajectory.hpp"
#include "io/trajectory_part.hpp"
#include "io/xdmf.hpp"

namespace hypercast::io {

namespace {

void check_layout(const TrajectoryLayout& layout) {
  check(!layout.channels.empty() && !layout.times.empty() && layout.trajectories > 0,
        "a trajectory file needs channels, times and trajectories");
  check(layout.axes.size() >= 1 && layout.axes.size() <= 3, "a trajectory file has 1 to 3 axes");
  for (const auto& axis : layout.axes) check(axis.points.size() >= 2, "an axis needs two points");
  std::set<std::string> names = {"time"};
  for (const auto& axis : layout.axes) check(names.insert(axis.name).second, "two axes share a name");
  names.clear();
  for (const auto& name : layout.channels) {
    check(names.insert(name).second, "two channels share a name");
    check(!name.empty() && name.find('/') == std::string::npos, "a channel's name is empty or has a slash");
  }
}

}  // namespace

struct TrajectoryWriter::Files {
  Files(const Comm& owner, std::filesystem::path file, TrajectoryLayout of, const Provenance& provenance)
      : comm(static_cast<MPI_Comm>(owner)),
        path(std::move(file)),
        part(path.string() + ".part"),
        layout(std::move(of)),
        written(layout.trajectories * layout.times.size(), false),
        offsets(layout.channels.size()) {
    check_layout(layout);
    for (const auto& [name, value] : provenance) texts.insert(name);
  }

  std::size_t index(int trajectory, int frame) const {
    check(trajectory >= 0 && trajectory < layout.trajectories && frame >= 0 &&
              frame < static_cast<int>(layout.times.size()),
          "a frame outside the trajectory file");
    return trajectory * layout.times.size() + frame;
  }
  std::uint64_t place(std::size_t index, std::size_t channel) const {
    return offsets[channel] + index * layout.points() * sizeof(float);
  }
  void check_block(const Block& block, std::size_t values) const;
  void open();  // COLLECTIVE; `offsets` are rank 0's

  Comm comm;
  std::filesystem::path path, part;
  TrajectoryLayout layout;
  std::set<std::string> texts;         // names of the provenance
  std::vector<bool> written;           // [trajectory][frame]; the file is not filled, so none may be missing
  std::vector<std::uint64_t> offsets;  // of the channels in the file
  std::unique_ptr<Descriptor> file;
};

void TrajectoryWriter::Files::check_block(const Block& block, std::size_t values) const {
  check(block.start.size() == layout.axes.size() && block.count.size() == layout.axes.size() &&
            values == block.points() * layout.channels.size(),
        "a block does not fit its values");
  for (std::size_t d = 0; d < layout.axes.size(); ++d)
    check(block.start[d] >= 0 && block.count[d] >= 0 &&
              block.start[d] + std::size_t(block.count[d]) <= layout.axes[d].points.size(),
          "a block leaves the grid");
}

void TrajectoryWriter::Files::open() {
  comm.broadcast(std::span(offsets));
  on_all(comm, [&] { file = std::make_unique<Descriptor>(part, O_RDWR); });
}

TrajectoryWriter::TrajectoryWriter(std::unique_ptr<Files> files) : files_(std::move(files)) {}

TrajectoryWriter::TrajectoryWriter(const Comm& comm, std::filesystem::path path,
                                   const TrajectoryLayout& layout, const Provenance& provenance)
    : files_(new Files(comm, std::move(path), layout, provenance)) {
  on_root(files_->comm, [&] { files_->offsets = create_part(files_->part, layout, provenance); });
  files_->open();
}

TrajectoryWriter::~TrajectoryWriter() = default;
TrajectoryWriter::TrajectoryWriter(TrajectoryWriter&&) noexcept = default;

TrajectoryWriter::Resumed TrajectoryWriter::resume(const Comm& comm, std::filesystem::path path,
                                                   const TrajectoryLayout& layout,
                                                   const Provenance& provenance, int trajectory, int frame) {
  std::unique_ptr<Files> files(new Files(comm, std::move(path), layout, provenance));
  const std::size_t before = trajectory * layout.times.size() + frame;
  check(trajectory >= 0 && frame >= 0 && before <= files->written.size(),
        "a trajectory file is continued beyond its end");
  std::string reason;
  on_root(files->comm, [&] {
    PartFound found = find_part(files->part, layout, provenance);
    reason = std::move(found.reason);
    if (!reason.empty()) return;
    files->offsets = std::move(found.offsets);
    unseal_part(files->part);
  });
  reason = files->comm.broadcast(reason);
  if (!reason.empty()) return {std::nullopt, reason};
  files->open();
  std::fill_n(files->written.begin(), before, true);
  return {TrajectoryWriter(std::move(files)), ""};
}

void TrajectoryWriter::write(int trajectory, int frame, const Block& block, std::span<const float> values) {
  const std::size_t index = files_->index(trajectory, frame), points = block.points();
  on_all(files_->comm, [&] {
    files_->check_block(block, values.size());
    for (std::size_t c = 0; c < files_->offsets.size(); ++c)
      write_block(*files_->file, files_->place(index, c), files_->layout.axes, block,
                  values.subspan(c * points, points));
  });
  files_->written[index] = true;
}

void TrajectoryWriter::read_back(int trajectory, int frame, const Block& block,
                                 std::span<float> values) const {
  const std::size_t index = files_->index(trajectory, frame), points = block.points();
  check(files_->written[index], "a frame is read back before it was written");
  on_all(files_->comm, [&] {
    files_->check_block(block, values.size());
    for (std::size_t c = 0; c < files_->offsets.size(); ++c)
      read_block(*files_->file, files_->place(index, c), files_->layout.axes, block,
                 values.subspan(c * points, points));
  });
}

void TrajectoryWriter::sync() {
  on_all(files_->comm, [&] { files_->file->sync(); });
  on_root(files_->comm, [&] { sync_folder_of(files_->part); });
}

void TrajectoryWriter::finish(const Measurements& measured) {
  for (bool written : files_->written) check(written, "a trajectory file is finished before all its frames");
  std::set<std::string> names = files_->texts;
  for (const auto& [name, values] : measured) {
    check(names.insert(name).second, "two attributes of a trajectory file share a name");
    check(values.size() <= 8000, "too many measured numbers of one name");
  }
  on_all(files_->comm, [&] { files_->file->sync_and_close(); });
  // The sidecar first: a trajectory file that is there is wholly there.
  on_root(files_->comm, [&] {
    finish_part(files_->part, measured);
    write_xdmf(files_->layout, files_->path);
    publish(files_->part, files_->path);
  });
}

bool claims_to_be_trajectory(const std::filesystem::path& path) { return has_seal(path); }

std::string verify_trajectory(const std::filesystem::path& path) {
  return verify_seal(path, trajectory_kind);
}

}  // namespace hypercast::io
