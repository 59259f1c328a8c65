#pragma once
// The rules of The Well's layout (FORMATS.md, section 1), and what breaks them in a file: everything, not
// only the first. The rules are those of The Well's own checker and loader; what they leave open is settled
// by what the layout means: values are finite, times rise, axes are uniform, names of lists are those of
// datasets. Seen inside io only.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "io/hdf5.hpp"

namespace hypercast::io {

struct WellReport {
  std::vector<std::string> complaints;  // a line each, in the order of the rules; none: it is the layout
  // As far as the file tells them.
  std::int64_t trajectories = 0, frames = 0;
  std::vector<std::string> fields;  // scalars, then vectors, then tensors
};

// Reads all values; `alive` is called now and then. Throws nothing that HDF5 says about the file. Not
// collective.
WellReport check_well(
    const h5::File& file, const std::function<void()>& alive = [] {});

}  // namespace hypercast::io
