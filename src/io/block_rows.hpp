#pragma once
// A rank's block of a field in a file: contiguous, row-major float32 over the whole grid, starting at
// `offset`. Rows that follow each other go together. Not collective; Error (Exit::io) on failure. Seen inside
// io only.

#include <span>

#include "io/posix.hpp"
#include "io/trajectory.hpp"

namespace hypercast::io {

void write_block(Descriptor& file, std::uint64_t offset, const std::vector<Axis>& axes, const Block& block,
                 std::span<const float> values);
void read_block(const Descriptor& file, std::uint64_t offset, const std::vector<Axis>& axes,
                const Block& block, std::span<float> values);

}  // namespace hypercast::io
