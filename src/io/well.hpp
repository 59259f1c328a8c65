#pragma once
// The words of The Well's layout that writer and reader share. Seen inside io only.

#include "io/hdf5.hpp"
#include "io/trajectory.hpp"

namespace hypercast::io {

// The boundary kind is the suffix of the group's name ("x_wall_neumann"); The Well itself knows three types.
struct BoundaryWords {
  Boundary kind;
  const char* suffix;
  const char* bc_type;
};
inline constexpr BoundaryWords boundary_words[] = {
    {Boundary::periodic, "periodic", "PERIODIC"},
    {Boundary::dirichlet, "wall_dirichlet", "WALL"},
    {Boundary::neumann, "wall_neumann", "WALL"},
    {Boundary::open, "open", "OPEN"},
};

// Everything but the values of the fields; returns where those start in the file, per channel, each a
// contiguous array of little-endian float32. One rank does it.
std::vector<std::uint64_t> write_layout(const h5::File& file, const TrajectoryLayout& layout,
                                        const Provenance& provenance);

// The attributes of group /provenance.
void write_provenance(hid_t file, const Provenance& provenance);

// Adds numbers to group /provenance; those that are there under the same names are replaced.
void write_measurements(hid_t file, const Measurements& measured);

struct WellFile {
  TrajectoryLayout layout;
  std::vector<h5::Dataset> channels;
};
// Checks and reads everything but the fields. UserError (Exit::data) naming `path` when it is not the layout.
// Not collective; each rank may call it.
WellFile read_layout(const h5::File& file, const std::string& path);

// What keeps an open file from being what write_layout makes of this layout, value for value (its provenance
// aside), in a few words; empty when nothing does. UserError as read_layout.
std::string layout_difference(const h5::File& file, const std::string& path, const TrajectoryLayout& layout);

// Where the fields start in a file of ours, per channel.
std::vector<std::uint64_t> field_offsets(const h5::File& file, const TrajectoryLayout& layout);

}  // namespace hypercast::io
