#pragma once
// The XDMF sidecar that lets ParaView open a trajectory file.
//
// XDMF lists axes slowest first and takes the fastest for x; The Well's fields are [x][y][z], z fastest. So
// the grid is a curvilinear one with explicit coordinates, and x is shown as x. The coordinates are kept
// once, in the HDF5 file `name.mesh` (dataset /coordinates, float32 [N1]..[ND][3]; in 1-D also /line, the
// order of the points), because the trajectory file itself may hold no data of other kinds.
//
// XDMF can cut a frame out of a dataset (HyperSlab), but of ParaView's three readers the two newer, which are
// offered first, then show no field at all. So the mesh file also has a virtual dataset for every frame,
// /fields/<channel>/<trajectory>/<frame> (numbers from 0), half a kilobyte each, that shows it.

#include "io/trajectory.hpp"

namespace hypercast::io {

// The XML text, with the name of the mesh file as seen from the sidecar. One temporal collection per
// trajectory.
std::string xdmf_text(const TrajectoryLayout& layout, const std::string& mesh);

// Writes name.xdmf and name.mesh beside …/name.hdf5, each complete or absent. One rank calls it. Error
// (Exit::io) on failure.
void write_xdmf(const TrajectoryLayout& layout, const std::filesystem::path& trajectory_file);

}  // namespace hypercast::io
