#pragma once
// The progress line: how far the run is, at most one line an interval, printed by rank 0.

#include "core/log.hpp"

namespace hypercast::pde {

class Progress {
 public:
  // Of `files` files in all, which `groups` groups take in turn; `interval` in seconds.
  Progress(const Log& log, int files, int groups, double interval);
  // This rank's group takes a file (counted from 0) of so many frames.
  void file(int number, std::int64_t frames);
  void frame(double time);  // one more frame of it is done

 private:
  const Log& log_;
  int files_, groups_;
  double interval_, start_, last_;
  int number_ = 0;
  std::int64_t frames_ = 1, done_ = 0;  // of the present file
  std::int64_t done_in_all_ = 0;        // by this group
};

}  // namespace hypercast::pde
