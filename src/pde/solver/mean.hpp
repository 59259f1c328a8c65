#pragma once
// The mean of numbers that are spread over ranks, with the same bits however they are spread.

#include <cstdint>
#include <span>

#include "core/comm.hpp"

namespace hypercast::pde {

// COLLECTIVE. Of `total` numbers, of which each rank has some. They are rounded to integers, whose sum has no
// order: multiples of 2^-62 total of the largest, at most 1e-12 of it for a million numbers. NaN when one of
// them is not finite.
double mean_of(const Comm& comm, std::span<const double> mine, std::int64_t total);

}  // namespace hypercast::pde
