// Damages files at random and reads them, for as long as it is told to:
//
//   soak_damage KIND SECONDS SEED FOLDER      KIND: foreign, sealed, checkpoint, points
//
// Whatever was done to a file, reading it must end in a UserError that names it or in values; those of sealed
// files and checkpoints must be the right ones. Prints how it ended how often; exits with 1, leaving the file
// in FOLDER, when it ended otherwise.

#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <functional>
#include <map>
#include <random>

#include "../io/whirl.hpp"
#include "core/comm.hpp"
#include "io/checkpoint.hpp"
#include "io/child_jobs.hpp"
#include "io/hash.hpp"
#include "io/points.hpp"
#include "io/trajectory.hpp"

using namespace hypercast;
namespace fs = std::filesystem;

namespace {

struct Kind {
  bool sealed;  // others may come back with other values
  std::function<void(const fs::path&)> write;
  std::function<std::string(const fs::path&)> read;  // a hash of what is in it
};

template <class T>
std::string hash_of(const std::vector<T>& values) {
  return io::hash(
      std::span<const char>(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)));
}

void put(const fs::path& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }

void write_sealed(const fs::path& path) {
  io::TrajectoryLayout layout;
  layout.dataset_name = "soak";
  layout.channels = {"u", "v"};
  layout.axes = {{"x", {0, 1, 2, 3}, io::Boundary::periodic}, {"y", {0, 1, 2}, io::Boundary::open}};
  layout.times = {0, 1, 2};
  layout.trajectories = 2;
  layout.parameters = {{"nu", 0.1}};
  io::TrajectoryWriter writer(Comm::self(), path, layout, {{"software", "soak"}});
  for (int k = 0; k < 6; ++k) writer.write(k / 3, k % 3, {{0, 0}, {4, 3}}, std::vector<float>(24, float(k)));
  writer.finish();
}

std::string read_trajectories(const fs::path& path) {
  const io::TrajectoryReader reader(Comm::self(), path);
  const auto& layout = reader.layout();
  std::vector<float> values(layout.times.size() * layout.frame_size());
  std::string text;
  for (const auto& channel : layout.channels) text += channel + " ";
  for (int b = 0; b < layout.trajectories; ++b) {
    reader.read(b, {0, std::int64_t(layout.times.size())}, values);
    text += hash_of(values) + " ";
  }
  return text + hash_of(layout.times) + " " + hash_of(layout.axes[0].points);
}

void write_checkpoint(const fs::path& path) {
  io::Archive archive;
  archive.put("model/phi", std::vector<float>(500, 0.5f));
  archive.put_text("model/deck", "[train]");
  archive.put_number("train/step", 7);
  io::write_checkpoint(path, archive, {{"software", "soak"}});
}

void write_points(const fs::path& path) {
  const io::h5::File file = io::h5::create(path);
  io::h5::write_dataset<double>(file, "points", {20, 2}, std::vector<double>(40, 0.5));
}

const std::map<std::string, Kind> kinds{
    {"foreign", {false, [](const auto& path) { put(path, whirl::bytes_of()); }, read_trajectories}},
    {"sealed", {true, write_sealed, read_trajectories}},
    {"checkpoint",
     {true, write_checkpoint,
      [](const auto& path) { return io::payload_hash(io::read_checkpoint(Comm::self(), path)); }}},
    {"points", {false, write_points, [](const auto& path) {
                  return hash_of(io::read_points(Comm::self(), path, 1));
                }}}};

std::string damaged(std::string bytes, std::mt19937_64& random) {
  const auto below = [&](std::size_t most) { return random() % most; };
  switch (below(8)) {
    case 0:
      return bytes.substr(0, below(bytes.size()));
    case 1:  // a run of anything
      for (std::size_t at = below(bytes.size()), end = at + 1 + below(64); at < std::min(end, bytes.size());
           ++at)
        bytes[at] = char(random());
      return bytes;
    default:
      for (std::size_t flips = 1 + below(4); flips > 0; --flips) bytes[below(bytes.size())] ^= 1 << below(8);
      return bytes;
  }
}

// How reading ended, in a word for the table; "WRONG: .." when it should not have ended so.
std::string outcome(const Kind& kind, const fs::path& path, const std::string& right) {
  try {
    const std::string found = kind.read(path);
    if (found == right) return "read, the right values";
    return kind.sealed ? "WRONG: read with other values" : "read, other values";
  } catch (const UserError& error) {
    const std::string text = error.what();
    if (error.code() != Exit::data || text.find(path.filename().string()) == std::string::npos)
      return "WRONG: exit code " + std::to_string(int(error.code())) + ": " + text;
    for (const char* word : {"crashes HDF5", "comes to no end", "MiB of memory", "went astray"})
      if (text.find(word) != std::string::npos) return std::string("refused, ") + word;
    return "refused";
  } catch (const std::exception& error) {
    return std::string("WRONG: ") + error.what();
  }
}

int soak(const std::string& name, double seconds, unsigned long seed, const fs::path& folder) {
  const Kind& kind = kinds.at(name);
  fs::create_directories(folder);
  const fs::path whole = folder / (name + ".hdf5"), path = folder / (name + "-damaged.hdf5");
  kind.write(whole);
  const std::string right = kind.read(whole);
  std::ifstream stream(whole, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  std::mt19937_64 random(seed);
  std::map<std::string, int> counts;
  int files = 0;
  for (const double end = wall_seconds() + seconds; wall_seconds() < end; ++files) {
    put(path, damaged(bytes, random));
    const std::string how = outcome(kind, path, right);
    ++counts[how];
    if (!how.starts_with("WRONG")) continue;
    std::printf("%s: file %d of seed %lu, kept as %s: %s\n", name.c_str(), files, seed, path.c_str(),
                how.c_str());
    return 1;
  }
  std::printf("%s: %d damaged files, seed %lu\n", name.c_str(), files, seed);
  for (const auto& [how, count] : counts) std::printf("  %7d %s\n", count, how.c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (const auto code = io::serve_child(argc, argv, io::child_jobs())) return *code;
  if (argc != 5 || !kinds.contains(argv[1])) {
    std::fprintf(stderr, "usage: soak_damage foreign|sealed|checkpoint|points SECONDS SEED FOLDER\n");
    return 64;
  }
  const Session session(argc, argv);
  return soak(argv[1], std::stod(argv[2]), std::stoul(argv[3]), argv[4]);
}
