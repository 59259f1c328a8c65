#pragma once
// Lists of places to forecast at: when and where.

#include <filesystem>
#include <vector>

#include "core/comm.hpp"
#include "io/child.hpp"

namespace hypercast::io {

// COLLECTIVE: rank 0 reads, everybody gets the rows t, x[, y[, z]] one after the other. The kind of file is
// told from its content:
//   HDF5   dataset "points" [n][1 + dimensions], floating point or integer
//   NPY    version 1 to 3, float32 or float64, little-endian, C order, shape (n, 1 + dimensions)
//   CSV    t,x[,y[,z]] per line; an optional first line with these names; empty lines and # comments allowed
// UserError: Exit::no_input when the file is missing; Exit::data when it is none of these, has no points, or
// a value is not finite, naming file and line (CSV) or row.
std::vector<double> read_points(const Comm& comm, const std::filesystem::path& path, int dimensions);

// The part of the child process (io/child.hpp) that reads HDF5 for it.
void answer_with_points(const std::filesystem::path& path, std::span<const std::string> arguments,
                        const ChildAnswer& answer);

}  // namespace hypercast::io
