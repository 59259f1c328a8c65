#pragma once
// NumPy's array files, as far as hypercast reads them: numpy.lib.format, versions 1 to 3.

#include <string>
#include <vector>

namespace hypercast::io {

struct NpyArray {
  std::vector<std::size_t> shape;
  std::vector<double> values;  // row-major
};

bool is_npy(const std::string& bytes);

// float32 and float64, little-endian, C order. UserError (Exit::data) naming `path` for anything else.
NpyArray parse_npy(const std::string& bytes, const std::string& path);

}  // namespace hypercast::io
