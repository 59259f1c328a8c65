#pragma once
// NumPy's array files: numpy.lib.format, versions 1 to 3, of plain numbers.

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "io/number_type.hpp"
#include "io/posix.hpp"

namespace hypercast::io {

struct NpyHeader {
  NumberType type;
  bool fortran_order = false;  // the first axis runs fastest, else the last one
  std::vector<std::size_t> shape;
  std::uint64_t start = 0;  // where the numbers begin in the file
};

// Whether the file begins as NumPy's array files do; false when it cannot be read.
bool is_npy(const std::filesystem::path& path);

// Of a file that begins so. UserError (Exit::data) naming `path` when it is damaged, shorter than it says, or
// holds anything but plain numbers.
NpyHeader read_npy_header(const Descriptor& file, const std::filesystem::path& path);

// The bytes of such a file, version 1, C order, of values[shape].
std::string npy_bytes(std::span<const float> values, const std::vector<std::size_t>& shape);

}  // namespace hypercast::io
