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

// A field whose components are channels, one after the other.
struct WellField {
  h5::Dataset data;            // [trajectory][frame][axes..][components..], the first only if
  bool per_trajectory = true;  // it differs between trajectories
  std::size_t order = 0;       // of the tensor: 0 scalar, 1 vector, 2 tensor; each with an axis more
  std::size_t components = 1;  // axes to the power of order
};

struct WellFile {
  TrajectoryLayout layout;
  std::vector<WellField> fields;
  std::vector<std::string> passed_over;  // fields that are no channels, with the reason
};
// Checks and reads everything but the fields. UserError (Exit::data) naming `path` when it is not the layout.
// Not collective; each rank may call it.
WellFile read_layout(const h5::File& file, const std::string& path);

// Its part for t0_fields, t1_fields and t2_fields: fills channels, trajectories, fields and passed_over of a
// file whose axes and times are known. UserError and h5::Failure.
void read_fields(const h5::File& file, const std::string& path, WellFile& result);

// values[frame][point][channel] of a range of frames. h5::Failure.
void read_frames(const WellFile& well, int trajectory, Range frames, std::span<float> values);

// What both readers ask.
[[noreturn]] void refuse(const std::string& path, const std::string& text);
// Attribute `name` of a group that has to be there; it is a list of texts that can be names.
std::vector<std::string> names_in(const h5::File& file, const std::string& path, const std::string& group,
                                  const std::string& attribute);
// A dataset of numbers.
h5::Dataset numbers(const h5::File& file, const std::string& path, const std::string& name);

// What keeps an open file from being what write_layout makes of this layout, value for value (its provenance
// aside), in a few words; empty when nothing does. UserError as read_layout.
std::string layout_difference(const h5::File& file, const std::string& path, const TrajectoryLayout& layout);

// Where the fields start in a file of ours, per channel.
std::vector<std::uint64_t> field_offsets(const h5::File& file, const TrajectoryLayout& layout);

}  // namespace hypercast::io
