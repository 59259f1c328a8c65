#pragma once
// Arrays of numbers that users bring, of any shape: the features of a model, labels. The kind of file is told
// from its content:
//
//   NPY    version 1 to 3, C or Fortran order; floating point of 2, 4 or 8 bytes, integers of 1, 2, 4 or 8
//          bytes with or without sign, bool; either byte order. (No pickles, no complex numbers, no
//          structures.)
//   HDF5   a dataset of the same types, contiguous, chunked or compressed by HDF5's own filters; also in
//          files that hypercast has sealed (io/seal.hpp), whose seal is not looked at
//
// Files may be larger than memory: no more is held than the rows that are asked for, and a few megabytes.
// HDF5 is read by a child process (io/child.hpp), since others made the file.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/comm.hpp"
#include "io/matches.hpp"
#include "io/number_type.hpp"

namespace hypercast::io {

struct ArrayPlace {
  std::filesystem::path file;
  std::string dataset;  // its path in an HDF5 file, without a slash in front; empty for NPY
  std::string text() const;
};
// Of "FILE" or "FILE:DATASET". A colon that belongs to the name of a file that is there is part of the name,
// else the last one separates.
ArrayPlace array_place(const std::string& text);

struct ArrayInfo {
  std::vector<std::size_t> shape;  // empty: a single number
  NumberType type;
  std::size_t rows() const { return shape.empty() ? 0 : shape[0]; }
  std::size_t row_size() const;  // numbers of a row: the product of the other extents
};

class ArraySource;

// An array, open for reading. Of one rank, nothing is collective; ranks may read one file at a time. All of
// it throws UserError with one line that names the place: Exit::no_input when the file or the dataset is
// missing, Exit::data when it is no array of numbers, damaged, shorter than it says, or changes meanwhile;
// and Error (Exit::io) when the system cannot read.
class ArrayReader {
 public:
  // Reads what is known of it. A child process does that for HDF5, which takes 10 to 20 ms.
  explicit ArrayReader(const ArrayPlace& place);
  ArrayReader(ArrayReader&&) noexcept;
  ArrayReader& operator=(ArrayReader&&) noexcept;
  ~ArrayReader();

  const ArrayInfo& info() const;

  // Rows [begin, end) of the first axis, row-major whatever the file's order, WRITTEN to
  // out[rows.size()][row_size]. Numbers that a double cannot hold exactly (integers beyond 2^53) are rounded;
  // values need not be finite.
  //
  // Ranges may come in any order. Of HDF5, each that begins where the last one ended is read on by the same
  // child, which unpacks no chunk twice and waits meanwhile with some megabytes of its own (up to 1 GiB when
  // chunks are so large); any other range starts a new child. It ends with the last row or the reader.
  void read(Range rows, std::span<double> out);

 private:
  std::unique_ptr<ArraySource> source_;
};

// Datasets of an HDF5 file whose path in it, without a slash in front, fits a pattern (io/matches.hpp). In
// natural order. UserError as above when the file cannot be read; a group or a link that leads nowhere is no
// match.
std::vector<Match> matching_datasets(const std::filesystem::path& file, const std::string& pattern);

}  // namespace hypercast::io
