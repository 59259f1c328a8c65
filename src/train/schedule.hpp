#pragma once
// In which order frames come up: epoch after epoch, every frame once in each. A pure function of (seed, step)
// and the numbers below, so a batch depends neither on the number of ranks nor on where a run was resumed.
//
// Frames 0, 1, .. are cut into blocks. An epoch draws an order of the blocks and takes them in windows of so
// many, as even as possible; the frames of a window come in random order, window after window. With one
// window an epoch is a random permutation of all frames. Batches are consecutive stretches of that order;
// they may go on in the next window or epoch.

#include <cstdint>
#include <vector>

namespace hypercast::train {

struct Blocks {
  int size = 0;    // frames of a block; the last one may have fewer; 0: all frames
  int window = 1;  // blocks of a window at most
};

class Schedule {
 public:
  // A batch that is not smaller than `total` is all frames, in order, at every step.
  Schedule(std::uint64_t seed, int batch, int total, Blocks blocks = {});

  // Frames that follow each other in a batch and are of one window.
  struct Stretch {
    std::int64_t epoch = 0;
    int window = 0;
    std::vector<int> frames;
  };
  std::vector<Stretch> draw(std::int64_t step);
  // All frames of a window, rising.
  std::vector<int> frames_of(std::int64_t epoch, int window);
  int windows() const { return static_cast<int>(ends_.size()); }  // of an epoch

 private:
  void turn_to(std::int64_t epoch);
  std::vector<int> window_of_blocks(std::int64_t epoch) const;

  std::uint64_t seed_;
  int batch_, total_;
  Blocks blocks_;
  std::int64_t epoch_ = -1;  // the one at hand
  std::vector<int> order_;   // its frames
  std::vector<int> ends_;    // of its windows, in order_
};

}  // namespace hypercast::train
