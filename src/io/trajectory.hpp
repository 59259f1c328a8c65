#pragma once
// Trajectories on disk: The Well's HDF5 layout (FORMATS.md), float32, one file holds B trajectories of T
// frames. A frame in memory is [point][channel]; points run over the axes with the last axis fastest.

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/comm.hpp"
#include "io/provenance.hpp"

namespace hypercast::io {

enum class Boundary { periodic, dirichlet, neumann, open };

struct Axis {
  std::string name;            // "x"
  std::vector<double> points;  // uniform
  Boundary boundary = Boundary::periodic;
  double lower() const;   // where the domain starts: the first node, or half a cell before the first centre
  double length() const;  // of the domain: N h (periodic, cells), (N-1) h (nodes)
};

// What keeps fields on one grid from being fields on the other, in a few words; empty when nothing does.
std::string grid_difference(const std::vector<Axis>& a, const std::vector<Axis>& b);

struct TrajectoryLayout {
  std::string dataset_name;
  std::vector<std::string> channels;                       // one scalar field each
  std::vector<Axis> axes;                                  // 1 to 3
  std::vector<double> times;                               // T, rising; uniform when a solver made them
  int trajectories = 1;                                    // B
  std::vector<std::pair<std::string, double>> parameters;  // of the equation

  std::size_t points() const;  // of one frame
  std::size_t frame_size() const { return points() * channels.size(); }
};

// A rank's box of a frame: its first index and extent along each axis.
struct Block {
  std::vector<int> start, count;
  std::size_t points() const;
};

// Writes `path` (…/name.hdf5) as path.part, then seals (io/seal.hpp) and renames it. All members but the
// destructor are COLLECTIVE over the communicator it was made with. The disk space is taken at the start: a
// folder that cannot be written, or a disk too small, is a UserError (Exit::cannot_create) of the
// constructor. Later failures to read or write are an Error (Exit::io) on every rank. Destroyed without
// finish(), it leaves only the .part behind, which nothing reads but resume().
class TrajectoryWriter {
 public:
  // Begins anew; replaces a .part that is there.
  TrajectoryWriter(const Comm& comm, std::filesystem::path path, const TrajectoryLayout& layout,
                   const Provenance& provenance);
  ~TrajectoryWriter();
  TrajectoryWriter(TrajectoryWriter&&) noexcept;

  // COLLECTIVE. Continues the .part of an earlier writer, on any number of ranks, where all frames before
  // (trajectory, frame), in order of trajectory, then frame, are there (none: 0, 0): the caller knows, from
  // what it saved after sync(), and does well to compare the last of them (read_back). The .part must have
  // exactly this layout and the `solve_hash` of this provenance (both may lack it); its other provenance
  // stays. Else there is no writer but the reason, the same on all ranks, and the .part is untouched.
  struct Resumed;
  static Resumed resume(const Comm& comm, std::filesystem::path path, const TrajectoryLayout& layout,
                        const Provenance& provenance, int trajectory, int frame);

  // One frame: every rank brings its block; values[channel][local point], last axis fastest. The blocks of
  // all ranks tile the grid. A frame may be written again.
  void write(int trajectory, int frame, const Block& block, std::span<const float> values);
  // Fills `values` with this rank's block of a frame that is there; blocks may be any.
  void read_back(int trajectory, int frame, const Block& block, std::span<float> values) const;
  // When it returns, all frames written so far are durable: resume() finds them even after a power failure.
  void sync();
  // Makes durable, adds the numbers to the provenance, seals, writes the XDMF beside it, renames. Error
  // (Exit::internal) when a frame was never written.
  void finish(const Measurements& measured = {});

 private:
  struct Files;
  explicit TrajectoryWriter(std::unique_ptr<Files> files);
  std::unique_ptr<Files> files_;
};

struct TrajectoryWriter::Resumed {
  std::optional<TrajectoryWriter> writer;
  std::string reason;  // in a few words, when there is no writer
};

// The word of its seal. verify_trajectory says why the file is not the one that finish() made, empty when it
// is; as verify_seal, not collective, and reads all of the file.
inline constexpr std::string_view trajectory_kind = "trajectory";
std::string verify_trajectory(const std::filesystem::path& path);
// Whether the file begins with a seal, intact or not: then it must be verified, and is no foreign file.
bool claims_to_be_trajectory(const std::filesystem::path& path);

// What is known of a file from looking at it.
struct TrajectoryFile {
  std::filesystem::path path;
  bool sealed = false;  // by hypercast, and intact; others are read by child processes (io/foreign.hpp)
  TrajectoryLayout layout;
  std::vector<std::string> passed_over;  // fields that are no channels, each with the reason
};

// COLLECTIVE. Each file is looked at by one rank: the seal of one that has it is verified, which reads all of
// it; of others the structure is checked. FORMATS.md says what is asked. A file that is missing
// (Exit::no_input), not HDF5, damaged, truncated, or not in the layout (Exit::data) is a UserError on every
// rank that says what is wrong.
std::vector<TrajectoryFile> look_at_trajectories(const Comm& comm,
                                                 const std::vector<std::filesystem::path>& paths);

class TrajectoryReader {
 public:
  // COLLECTIVE. The first looks at the file as above, the second knows it.
  TrajectoryReader(const Comm& comm, const std::filesystem::path& path);
  TrajectoryReader(const Comm& comm, TrajectoryFile file);
  ~TrajectoryReader();
  TrajectoryReader(TrajectoryReader&&) noexcept;

  const TrajectoryLayout& layout() const;
  // COLLECTIVE; ranks may ask for different frames, also for none. values[frame][point][channel].
  // UserError (Exit::data) on every rank when any rank met a value that is not finite.
  void read(int trajectory, Range frames, std::span<float> values) const;

 private:
  struct File;
  std::unique_ptr<File> file_;
};

// The trajectory files of a folder (*.hdf5, *.h5), sorted by name; of a file, itself. COLLECTIVE: rank 0
// looks, all know. UserError (Exit::no_input) when there is none.
std::vector<std::filesystem::path> trajectory_files(const Comm& comm, const std::filesystem::path& folder);
// The same for this rank alone; there may be none. UserError (Exit::no_input) when the folder cannot be
// listed.
std::vector<std::filesystem::path> list_trajectory_files(const std::filesystem::path& folder);

}  // namespace hypercast::io
