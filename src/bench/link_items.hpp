#pragma once
// The items of a way from rank to rank: a time for each of several sizes, and the line through them.

#include <functional>

#include "bench/group.hpp"

namespace hypercast::bench {

// COLLECTIVE. Adds <name>.<bytes> (s) for 8 B to 4 MiB, <name>.latency (s), <name>.bandwidth (B/s) and
// <name>.misfit (1), the largest relative error of latency + bytes / bandwidth. Quartiles of the last three
// are those of lines through the quartiles of the times. `measure` is COLLECTIVE and gives samples.
void add_link(const Bench& bench, const std::string& name, const std::string& where,
              const std::function<std::vector<double>(std::size_t bytes)>& measure);

}  // namespace hypercast::bench
