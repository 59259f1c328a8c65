#pragma once
// Mean and spread of the fields of trajectory files.

#include <filesystem>
#include <span>
#include <vector>

#include "core/comm.hpp"

namespace hypercast::io {

// Of any number of values, in double precision. Sums are taken about a mean, never of raw squares: where the
// mean is large, the deviation loses as many digits as mean / deviation has, not twice as many.
struct Moments {
  double count = 0;
  double mean = 0;
  double spread = 0;                // sum of the squared distances from the mean
  void add(const Moments& other);   // as if all values had come together
  double deviation() const;         // of the population
  double root_mean_square() const;  // of the values themselves
};

struct FieldStatistics {
  Moments values;       // over trajectories, frames and points
  Moments differences;  // of a frame and the one before it, point by point
};

// COLLECTIVE. Per channel, of all trajectories of the files; trajectories[f] is the number in file f, and all
// have so many channels. Trajectories are shared over the ranks, each read once, a few frames at a time. The
// result is the same, bit for bit, on any number of ranks: every trajectory is summed by one rank, and the
// trajectories are added up in their order. UserError as TrajectoryReader.
std::vector<FieldStatistics> field_statistics(const Comm& comm,
                                              const std::vector<std::filesystem::path>& files,
                                              std::span<const int> trajectories, std::size_t channels);

}  // namespace hypercast::io
