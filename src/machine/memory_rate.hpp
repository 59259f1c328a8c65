#pragma once
// How fast a core, or all of them, move bytes between a level of memory and registers.

#include <string>

#include "core/buffer.hpp"

namespace hypercast::machine {

// Each loop has as many arrays of n floats as it names, and moves so many bytes an element. A write counts
// once, as in J. McCalpin's STREAM (1995), though memory is read before it is written.
//
//   read    a                                      4
//   copy    b <- a, by memcpy                      8
//   triad   a <- b + s c                          12
//   update  m, v, w from g, as Adam (28 bytes a parameter), without its root and quotient, so that arithmetic
//           does not hide the caches
enum class MemoryLoop { read, copy, triad, update };
std::string name_of(MemoryLoop loop);
int bytes_an_element(MemoryLoop loop);

class MemoryBlock {
 public:
  // All arrays of a loop together. Touched by this rank.
  explicit MemoryBlock(std::size_t bytes);

  // Bytes a second of this rank in about `seconds` of a loop over the whole block. Not collective.
  double rate(MemoryLoop loop, double seconds);

 private:
  Buffer<float> values_;
};

}  // namespace hypercast::machine
