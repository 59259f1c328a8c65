#pragma once
// Which trajectories go into which files, and which ranks make them. The same on every rank; no
// communication.

#include <filesystem>
#include <string>
#include <vector>

#include "pde/setup.hpp"

namespace hypercast::pde {

enum class Split { train, valid, test };

// The random numbers of the trajectory `index` of a split. Streams are far apart, so that more training
// trajectories leave the others as they are. Seeds are those of DINo's sets, whose last training trajectories
// validate here: with initial.seed = 0, training has 0, 1, .., validation goes on from there, test trajectory
// k has 2147483647 - k.
Draw draw_of(const Setup& setup, Split split, int index);

// One file of an ensemble, the unit of work and of restart.
struct FilePlan {
  std::filesystem::path path;  // FOLDER/data/train/<name>_000000.hdf5
  std::vector<Draw> draws;     // of its trajectories
  int first = 0;               // its first trajectory, counted through all files
  // To solve; each is stored as ensemble.sequences trajectories of the file.
  int trajectories() const { return static_cast<int>(draws.size()); }
};
std::vector<FilePlan> plan_files(const Setup& setup, const std::filesystem::path& folder);

// Ranks that work on one file together: those of the deck or, left to choose, all for a single trajectory
// that can be divided, else one. UserError (Exit::data) when that does not divide `ranks`.
int group_size(const Setup& setup, int ranks);

// Gives the varying parameter the value of this trajectory.
void vary_parameter(const Setup& setup, Draw draw);

// What a file's contents depend on: equal hashes, equal trajectories.
std::string solve_hash(const Deck& deck, const Setup& setup, const FilePlan& file);

// "20 frames on [0, 19], in each of 2 sequences, after a burn-in of 28.5": for logs.
std::string frames_text(const Setup& setup);

// Bytes on disk of the whole ensemble, and of memory on one rank, roughly.
double disk_bytes(const Setup& setup);
double memory_bytes(const Setup& setup, int ranks_per_group);

}  // namespace hypercast::pde
