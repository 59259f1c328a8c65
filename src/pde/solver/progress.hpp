#pragma once
// The progress line: how far this rank's group is, at most one line an interval, printed by rank 0.

#include "core/log.hpp"

namespace hypercast::pde {

class Progress {
 public:
  // `frames` and `trajectories` are those of all files of this group; `interval` in seconds.
  Progress(const Log& log, int frames_per_trajectory, int trajectories, double interval);
  void frame(double time);  // one more frame is done

 private:
  const Log& log_;
  int per_trajectory_, trajectories_;
  double interval_, start_, last_;
  std::int64_t done_ = 0;
};

}  // namespace hypercast::pde
