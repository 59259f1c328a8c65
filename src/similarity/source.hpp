#pragma once
// Where the features of one model come from.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/comm.hpp"

namespace hypercast::similarity {

class Source {
 public:
  virtual ~Source() = default;
  virtual std::int64_t rows() const = 0;
  virtual std::int64_t samples() const { return rows(); }  // inputs; rows are of so many each
  virtual std::size_t places() const { return 1; }         // of each input: pixels of an image, tokens
  virtual std::size_t width() const = 0;
  virtual bool fits_float() const = 0;           // whether every number is a float
  virtual double rounding() const { return 0; }  // of its numbers, relative
  // WRITES out[rows.size()][width]. Ranges that follow each other are read on without starting anew. Not
  // collective; UserError as io/array.hpp.
  virtual void read(const Range& rows, std::span<double> out) = 0;
};

// Axes of an array of features beyond rows, and what becomes of places (of an image, of a sequence).
//   layout  rows: [n][d]   nchw: [n][c][h][w]   nhwc: [n][h][w][c]   ntd: [n][t][d]
//   pool    flatten: all numbers are features   average: means over places   places: a row for every place
// An array of two axes is [n][d] whatever they say, so that one layout serves all layers of a network.
struct Layout {
  std::string layout = "rows", pool = "flatten";
};

// An array in a file (io/array.hpp) as rows of features. UserError (Exit::data) when it has other axes.
std::unique_ptr<Source> array_source(const std::string& place, const Layout& layout);

// A list of whole numbers in a file, e.g. labels. UserError (Exit::data) when it is none, naming the place.
std::vector<std::int64_t> whole_numbers(const std::string& place);

}  // namespace hypercast::similarity
