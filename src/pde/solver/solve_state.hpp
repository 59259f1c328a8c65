#pragma once
// What an unfinished file needs to go on: the double-precision state of the last frame that is durable in the
// .part beside it, and what was measured so far. FORMATS.md describes the file.

#include <optional>

#include "core/comm.hpp"
#include "io/trajectory.hpp"
#include "pde/solver/certify.hpp"

namespace hypercast::pde {

struct SolveState {
  std::string solve_hash;
  int trajectory = 0;          // of the file
  int frame = 0;               // of that trajectory: the one that `values` is
  std::vector<double> values;  // the whole frame, [point][channel]
  std::vector<Certificate> certificates;
  double tail_energy = 0;
};

// data/train/<name>_000000.hdf5 -> data/train/<name>_000000.state
std::filesystem::path state_path(const std::filesystem::path& trajectory_file);

// One rank writes: complete or absent. Error (Exit::io) on failure.
void write_state(const std::filesystem::path& trajectory_file, const SolveState& state,
                 const io::Provenance& provenance);
// COLLECTIVE. Nothing when there is none, or it is damaged: `complaint` then says so.
std::optional<SolveState> read_state(const Comm& comm, const std::filesystem::path& trajectory_file,
                                     std::string& complaint);
void remove_state(const std::filesystem::path& trajectory_file);  // one rank; may be absent

}  // namespace hypercast::pde
