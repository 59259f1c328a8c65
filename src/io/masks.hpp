#pragma once
// Observation masks: which points of a grid are observed. One file of a run folder holds those of several
// rates.

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "core/comm.hpp"
#include "io/provenance.hpp"

namespace hypercast::io {

struct Mask {
  double rate = 0;        // the part of the points that is observed, on average; in (0, 1)
  std::int64_t seed = 0;  // it was drawn with
  std::vector<std::size_t> shape;
  std::vector<std::uint8_t> observed;  // [N1]..[ND]; 0 or 1

  std::size_t ones() const;
};

std::filesystem::path masks_path(
    const std::filesystem::path& run_folder);  // FOLDER/data/observation_masks.hdf5

// One rank writes, complete or absent. Error (Exit::io) on failure, Error (Exit::internal) when two masks
// share a rate.
void write_masks(const std::filesystem::path& path, std::span<const Mask> masks,
                 const Provenance& provenance);

// COLLECTIVE: rank 0 reads, everybody gets the mask of this rate. UserError on all ranks: Exit::no_input when
// there is no such file, Exit::data when it is no mask file or has no mask of this rate (it names those it
// has).
Mask read_mask(const Comm& comm, const std::filesystem::path& path, double rate);

}  // namespace hypercast::io
