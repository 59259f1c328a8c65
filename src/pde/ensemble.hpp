#pragma once
// Which trajectories go into which files, and which ranks make them. The same on every rank; no
// communication.

#include <filesystem>
#include <string>
#include <vector>

#include "pde/setup.hpp"

namespace hypercast::pde {

// One file of an ensemble, the unit of work and of restart.
struct FilePlan {
  std::filesystem::path path;  // FOLDER/data/train/<name>_000000.hdf5
  std::uint32_t first;         // random stream of the first of its trajectories; the others follow
  int trajectories;
};
std::vector<FilePlan> plan_files(const Setup& setup, const std::filesystem::path& folder);

// Ranks that work on one file together. UserError (Exit::data) when that does not divide `ranks`.
int group_size(const EnsembleOptions& ensemble, int ranks);

// Gives the varying parameter the value of this trajectory.
void vary_parameter(const Setup& setup, std::uint32_t trajectory);

// What a file's contents depend on: equal hashes, equal trajectories.
std::string solve_hash(const Deck& deck, const Setup& setup, const FilePlan& file);

// Bytes on disk of the whole ensemble, and of memory on one rank, roughly.
double disk_bytes(const Setup& setup);
double memory_bytes(const Setup& setup, int ranks_per_group);

}  // namespace hypercast::pde
