#include "io/foreign.hpp"

#include "io/hash.hpp"
#include "io/trajectory_text.hpp"
#include "io/well.hpp"

namespace hypercast::io {

namespace {

// A layout of a file that is read takes milliseconds; a piece of its values, unpacked, seconds.
constexpr ChildLimits limits_of_layout{.cpu = 20, .silence = 600, .memory = 4096};
constexpr ChildLimits limits_of_frames{.cpu = 120, .silence = 600, .memory = 8192};

struct Opened {
  h5::File file;
  WellFile well;
  TrajectoryFile known;
};

Opened open_foreign(const std::filesystem::path& path) {
  const std::string name = path.string();
  if (!h5::has_signature(path)) refuse(name, "not an HDF5 file");
  Opened opened;
  try {
    opened.file = h5::open(path);
  } catch (const h5::Failure& failure) {
    refuse(name, "damaged or truncated HDF5 file: " + failure.plain);
  }
  opened.well = read_layout(opened.file, name);
  opened.known = {path, false, opened.well.layout, opened.well.passed_over};
  return opened;
}

std::string fingerprint(const TrajectoryFile& file) {
  const std::string bytes = to_bytes(file);
  return hash(std::span<const char>(bytes.data(), bytes.size()));
}

}  // namespace

TrajectoryFile look_at_foreign(const std::filesystem::path& path) {
  auto file = from_bytes(ask_child("layout", path, {}, limits_of_layout));
  if (!file) refuse(path.string(), "damaged: reading it went astray");
  return std::move(*file);
}

void read_foreign(const TrajectoryFile& file, int trajectory, Range frames, std::span<float> values) {
  ask_child("frames", file.path,
            {fingerprint(file), std::to_string(trajectory), std::to_string(frames.begin),
             std::to_string(frames.end)},
            values, limits_of_frames);
}

void answer_with_layout(const std::filesystem::path& path, std::span<const std::string>,
                        const ChildAnswer& answer) {
  answer.write(to_bytes(open_foreign(path).known));
}

void answer_with_frames(const std::filesystem::path& path, std::span<const std::string> arguments,
                        const ChildAnswer& answer) {
  constexpr std::size_t most = std::size_t{1} << 24;  // floats in a piece
  check(arguments.size() == 4, "frames of a foreign file: wrong arguments");
  const Opened opened = open_foreign(path);
  if (fingerprint(opened.known) != arguments[0]) refuse(path.string(), "it changed while it was read");
  const int trajectory = std::stoi(arguments[1]);
  const Range frames{std::stoll(arguments[2]), std::stoll(arguments[3])};
  const std::size_t size = opened.known.layout.frame_size();
  const auto piece = static_cast<std::int64_t>(std::max<std::size_t>(1, most / size));
  std::vector<float> values;
  for (auto begin = frames.begin; begin < frames.end; begin += piece) {
    const Range range{begin, std::min(frames.end, begin + piece)};
    values.resize(range.size() * size);
    try {
      read_frames(opened.well, trajectory, range, values);
    } catch (const h5::Failure& failure) {
      refuse(path.string(), "damaged: " + failure.plain);
    }
    answer.write(std::span<const float>(values));
  }
}

}  // namespace hypercast::io
