#pragma once
// Rows of one model as they were read, in memory or, when that is not enough, in a file without a name.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>

#include "core/buffer.hpp"
#include "io/scratch.hpp"

namespace hypercast::similarity {

class Store {
 public:
  // `single`: every number is a float, and is kept as one. `scratch`: a folder for the file; empty: memory.
  Store(std::size_t width, bool single, const std::filesystem::path& scratch);
  void append(std::span<const double> rows);
  // WRITES out[rows.size()][width].
  void read(std::span<const std::int64_t> rows, std::span<double> out) const;

 private:
  template <class Real>
  void put(std::span<const double> rows, Buffer<Real>& memory);
  template <class Real>
  void get(std::span<const std::int64_t> rows, const Buffer<Real>& memory, std::span<double> out) const;

  std::size_t width_;
  bool single_;
  Buffer<float> floats_;
  Buffer<double> doubles_;
  std::optional<io::Scratch> scratch_;
};

}  // namespace hypercast::similarity
