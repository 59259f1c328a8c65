#pragma once
// Rows of numbers that are read in blocks, over and over, in memory or in a file. Unlike a Store they are
// kept as products want them, and memory is read in place.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "core/buffer.hpp"
#include "core/comm.hpp"
#include "io/scratch.hpp"

namespace hypercast::similarity {

template <class Real>
class KeptRows {
 public:
  KeptRows() = default;
  // n rows, which are to be appended. `scratch`: where they go, shared by KeptRows that are filled one after
  // the other; null: memory.
  KeptRows(std::size_t n, std::size_t width, std::shared_ptr<io::Scratch> scratch = nullptr);
  void append(std::span<const Real> rows);
  // The rows of `range`; `room` is where those of a file are put.
  std::span<const Real> rows(const Range& range, Buffer<Real>& room) const;

 private:
  std::size_t width_ = 0;
  Buffer<Real> memory_;
  std::shared_ptr<io::Scratch> scratch_;
  std::optional<std::uint64_t> begin_;  // in the file
};

}  // namespace hypercast::similarity
