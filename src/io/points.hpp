#pragma once
// Lists of places to forecast at: when and where.

#include <filesystem>
#include <vector>

#include "core/comm.hpp"

namespace hypercast::io {

// COLLECTIVE: rank 0 reads, everybody gets the rows t, x[, y[, z]] one after the other. A table
// (io/table.hpp) with these columns in this order: HDF5 with dataset "points", NPY, or CSV with or without
// names in its first line. UserError: Exit::no_input when the file is missing; Exit::data when it is none of
// these, has no points, or a value is not finite, naming file and line (CSV) or row.
std::vector<double> read_points(const Comm& comm, const std::filesystem::path& path, int dimensions);

}  // namespace hypercast::io
