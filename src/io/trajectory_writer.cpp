// Rank 0 makes the file with everything but the fields, through HDF5. The fields are contiguous arrays of
// little-endian floats at places HDF5 tells, and each rank writes its rows there itself. MPI-IO is not used:
// with Open MPI 4.1 an aggregated collective write loses its errors (a full disk looks like success on four
// ranks), fills gaps by unlocked read-modify-write, and a failure while closing leaves ranks waiting.

#include <fcntl.h>

#include <bit>
#include <set>

#include "io/durable.hpp"
#include "io/on_root.hpp"
#include "io/posix.hpp"
#include "io/trajectory.hpp"
#include "io/well.hpp"
#include "io/xdmf.hpp"

namespace hypercast::io {

static_assert(std::endian::native == std::endian::little, "the fields are written as they are in memory");

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

// Not less than the file will have.
std::uint64_t size_bound(const TrajectoryLayout& layout, const Provenance& provenance) {
  std::uint64_t texts = 0, coordinates = layout.times.size();
  for (const auto& [name, value] : provenance) texts += name.size() + value.size();
  for (const auto& axis : layout.axes) coordinates += axis.points.size();
  return layout.trajectories * layout.times.size() * layout.frame_size() * sizeof(float) + 2 * texts +
         8 * coordinates + (1 << 18);
}

// Tells why the file cannot be made, before anything was computed and before HDF5 touches it: HDF5 does not
// say why, and once it failed to close a file the program crashes at its end.
void check_creatable(const std::filesystem::path& part, std::uint64_t size) {
  std::error_code ignored;  // opening tells it better
  if (part.has_parent_path()) std::filesystem::create_directories(part.parent_path(), ignored);
  try {
    Descriptor(part, O_WRONLY | O_CREAT | O_TRUNC).reserve(size);
  } catch (const Error& error) {
    const std::string text = error.what();
    throw UserError(Exit::cannot_create,
                    text.substr(0, text.rfind(" [")));  // without the place in the source
  }
}

// The file with everything but the fields, and where those start.
std::vector<std::uint64_t> create(const std::filesystem::path& part, const TrajectoryLayout& layout,
                                  const Provenance& provenance) {
  check_creatable(part, size_bound(layout, provenance));
  h5::File file = h5::create(part);
  const auto offsets = write_layout(file, layout, provenance);
  h5::close(file);
  Descriptor(part, O_WRONLY).reserve(std::filesystem::file_size(part));
  return offsets;
}

// Writes a block row by row; rows that follow each other in the file go together.
void write_block(Descriptor& file, std::uint64_t offset, const std::vector<Axis>& axes, const Block& block,
                 std::span<const float> values) {
  std::size_t run = 1, d = axes.size();  // floats that follow each other, and the axes they span: d, d+1, ...
  for (bool whole = true; d > 0 && whole;) {
    --d;
    run *= block.count[d];
    whole = std::size_t(block.count[d]) == axes[d].points.size();
  }
  for (std::size_t at = 0; at < values.size(); at += run) {
    // The point of the grid at which this run starts.
    std::size_t rest = at, place = 0, stride = 1;
    for (std::size_t k = axes.size(); k-- > 0;) {
      place += (block.start[k] + rest % block.count[k]) * stride;
      rest /= block.count[k];
      stride *= axes[k].points.size();
    }
    file.write_at(std::span(reinterpret_cast<const char*>(values.data() + at), run * sizeof(float)),
                  offset + place * sizeof(float));
  }
}

}  // namespace

struct TrajectoryWriter::Files {
  Comm comm;
  std::filesystem::path path, part;
  TrajectoryLayout layout;
  std::vector<bool> written;           // [trajectory][frame]; the file is not filled, so none may be missing
  std::vector<std::uint64_t> offsets;  // of the channels in the file
  std::unique_ptr<Descriptor> file;
};

TrajectoryWriter::TrajectoryWriter(const Comm& comm, std::filesystem::path path,
                                   const TrajectoryLayout& layout, const Provenance& provenance)
    : files_(new Files{.comm = Comm(static_cast<MPI_Comm>(comm)),
                       .path = path,
                       .part = path.string() + ".part",
                       .layout = layout,
                       .written = std::vector<bool>(layout.trajectories * layout.times.size(), false),
                       .offsets = std::vector<std::uint64_t>(layout.channels.size()),
                       .file = nullptr}) {
  check_layout(layout);
  on_root(files_->comm, [&] { files_->offsets = create(files_->part, layout, provenance); });
  files_->comm.broadcast(std::span(files_->offsets));
  on_all(files_->comm, [&] { files_->file = std::make_unique<Descriptor>(files_->part, O_WRONLY); });
}

TrajectoryWriter::~TrajectoryWriter() = default;

void TrajectoryWriter::write(int trajectory, int frame, const Block& block, std::span<const float> values) {
  const TrajectoryLayout& layout = files_->layout;
  check(trajectory >= 0 && trajectory < layout.trajectories && frame >= 0 && frame < int(layout.times.size()),
        "a frame outside the trajectory file");
  const std::size_t index = trajectory * layout.times.size() + frame;
  on_all(files_->comm, [&] {
    const std::size_t points = block.points();
    check(block.start.size() == layout.axes.size() && block.count.size() == layout.axes.size() &&
              values.size() == points * layout.channels.size(),
          "a block does not fit its values");
    for (std::size_t d = 0; d < layout.axes.size(); ++d)
      check(block.start[d] >= 0 && block.count[d] >= 0 &&
                block.start[d] + std::size_t(block.count[d]) <= layout.axes[d].points.size(),
            "a block leaves the grid");
    for (std::size_t channel = 0; channel < layout.channels.size(); ++channel)
      write_block(*files_->file, files_->offsets[channel] + index * layout.points() * sizeof(float),
                  layout.axes, block, values.subspan(channel * points, points));
  });
  files_->written[index] = true;
}

void TrajectoryWriter::finish() {
  for (bool written : files_->written) check(written, "a trajectory file is finished before all its frames");
  on_all(files_->comm, [&] { files_->file->sync_and_close(); });
  // The sidecar first: a trajectory file that is there is wholly there.
  on_root(files_->comm, [&] {
    write_xdmf(files_->layout, files_->path);
    publish(files_->part, files_->path);
  });
}

}  // namespace hypercast::io
