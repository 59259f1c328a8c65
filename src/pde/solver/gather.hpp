#pragma once
// Whole frames out of the blocks of all ranks.

#include "core/comm.hpp"
#include "io/trajectory.hpp"

namespace hypercast::pde {

// COLLECTIVE over the ranks whose blocks tile the grid. The frame on every rank: [point][channel], the last
// axis fastest. `extents`: points along each axis; values: [local point][channel].
std::vector<double> gather(const Comm& comm, const io::Block& block, std::span<const double> values,
                           std::span<const int> extents);
// This rank's part of a whole frame, into values.
void scatter(std::span<const double> frame, std::span<const int> extents, const io::Block& block,
             std::span<double> values);

}  // namespace hypercast::pde
