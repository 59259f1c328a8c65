#pragma once
// How fast this machine multiplies: the floor under kernels of many models.

#include <string>
#include <vector>

#include "core/comm.hpp"
#include "core/log.hpp"

namespace hypercast::similarity {

// COLLECTIVE. Floating-point operations a second of all ranks together, each multiplying matrices
// [rows][width] with [width][rows] in double precision for about a second, at the same time.
double product_rate(const Comm& comm, int rows, int width);

// COLLECTIVE. --product-rate ROWS WIDTH: tells it. UserError (usage) for anything but two numbers above 0.
Exit tell_product_rate(const Comm& comm, const Log& log, const std::vector<std::string>& words);

}  // namespace hypercast::similarity
