#pragma once
// `<name>.hdf5.part`, the file that a TrajectoryWriter fills: what one rank does to it. Seen inside io only.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "io/provenance.hpp"
#include "io/trajectory.hpp"

namespace hypercast::io {

// Makes the file with everything but the fields, room for its seal in front, and takes the disk space for all
// of it. Returns where the fields start, per channel. UserError (Exit::cannot_create) when the folder cannot
// be written or the disk is too small.
std::vector<std::uint64_t> create_part(const std::filesystem::path& part, const TrajectoryLayout& layout,
                                       const Provenance& provenance);

// A part that an earlier writer left: why it cannot be continued, in a few words, or else where its fields
// start.
struct PartFound {
  std::string reason;
  std::vector<std::uint64_t> offsets;
};
PartFound find_part(const std::filesystem::path& part, const TrajectoryLayout& layout,
                    const Provenance& provenance);

// Undoes the seal of a part that is to be written again.
void unseal_part(const std::filesystem::path& part);

// Adds the numbers and seals. Error (Exit::io) on failure.
void finish_part(const std::filesystem::path& part, const Measurements& measured);

}  // namespace hypercast::io
