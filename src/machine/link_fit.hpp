#pragma once
// Latency and bandwidth from times of messages of several sizes.

#include <span>

#include "machine/rates.hpp"

namespace hypercast::machine {

struct LinkFit {
  Link link;
  double worst =
      0;  // largest |model - time| / time over the sizes: messages of a few kB may take another path
};

// The line seconds = alpha + bytes beta with the least sum of squares of relative errors, so that small
// messages count as much as large ones. Where that line has no alpha or beta above 0, alpha is the time of
// the smallest message and beta follows from the largest. Error unless there are two sizes, rising, and times
// above 0.
LinkFit fit_link(std::span<const double> bytes, std::span<const double> seconds);

}  // namespace hypercast::machine
