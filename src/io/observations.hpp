#pragma once
// What a user measured: values of the fields at places and times of the user's choice.

#include <filesystem>
#include <vector>

#include "core/comm.hpp"
#include "io/trajectory.hpp"

namespace hypercast::io {

// What was measured at one time.
struct Observed {
  double time = 0;
  std::vector<double> points;  // [n][axes], physical, inside the domain (periodic axes: anywhere)
  std::vector<double> values;  // [n][channels], in units of the fields
};

// COLLECTIVE: rank 0 reads, everybody gets the observations, times rising, rows of one time in the order of
// the file. A table (io/table.hpp) with the columns t, one for each axis and one for each channel, under
// these names:
//   HDF5   dataset "observations" [n][columns] with the attribute `columns` (the names, in any order), or one
//          dataset [n] for each column
//   NPY    shape (n, columns), in the order t, axes, channels
//   CSV    names in the first line, in any order
// UserError: Exit::no_input when the file is missing; Exit::data when it is none of these, has other columns
// or no rows, a value is not finite, or a place lies outside the domain, naming file and line (CSV) or row.
std::vector<Observed> read_observations(const Comm& comm, const std::filesystem::path& path,
                                        const std::vector<Axis>& axes,
                                        const std::vector<std::string>& channels);

}  // namespace hypercast::io
