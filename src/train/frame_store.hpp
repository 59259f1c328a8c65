#pragma once
// Frames of a list in the memory of a node, all of them or some at a time. Which are there is the same on all
// ranks, and decided by others (train/frame_plan.hpp). A frame has a slot; the first slots are beside the
// window, the others are the window.

#include <functional>

#include "core/context.hpp"
#include "core/shared_array.hpp"
#include "hyper/frames.hpp"
#include "train/frame_plan.hpp"

namespace hypercast::train {

class FrameStore {
 public:
  // COLLECTIVE. Reads all frames when the plan has room for them, none else. The context is borrowed.
  // UserError (Exit::data) when a value is not finite, here and wherever frames are read.
  FrameStore(const Context& context, const hyper::FrameList& list, const FramePlan& plan);

  std::size_t frame_size() const { return size_; }              // points x channels
  std::int64_t frames_read() const { return frames_read_; }     // from disk, by a node
  bool has(int sample) const { return slot_of_[sample] >= 0; }  // its frame is there
  std::span<const float> operator[](int sample) const;          // values[point][channel] of one there

  // COLLECTIVE. From now on values are (value - mean) / scale, by channel. Frames that are there are so too
  // if all are; some at a time are forgotten.
  void normalise(std::span<const double> mean, std::span<const double> scale);

  // COLLECTIVE. The window becomes these; frames of `kept`, a batch as far as it is known, that were in it go
  // beside it, to the slots of their places in the batch. A new batch begins with forget_beside().
  void load_window(std::span<const int> samples, std::span<const int> kept);
  // COLLECTIVE. These come beside the window, and replace what was there.
  void load_beside(std::span<const int> samples);
  void forget_beside() { forget(0, spare_); }

  // COLLECTIVE. Calls f(part) for `samples` part after part, in order, with the frames of the part there: all
  // in one part when all frames are in memory, else parts of a multiple of `together`. They come beside the
  // window, or take all the room if `together` are more than fit there.
  void visit(std::span<const int> samples, std::size_t together,
             const std::function<void(std::span<const int>)>& f);

 private:
  std::span<float> slots(std::size_t first, std::size_t count) {
    return values_.values().subspan(first * size_, count * size_);
  }
  void load(std::span<const int> samples, std::size_t slot);
  void place(int sample, std::size_t slot);
  void forget(std::size_t slot, std::size_t count);
  void normalise_slots(std::size_t slot, std::size_t count);

  const Context& context_;
  hyper::FrameReader reader_;
  bool has_all_;
  std::size_t size_, room_, spare_;
  SharedArray<float> values_;         // [room][size]
  std::vector<double> mean_, scale_;  // by channel; empty: values are as in the files
  std::vector<int> slot_of_;          // of each sample; -1: not there
  std::vector<int> sample_in_;        // each slot; -1: none
  std::int64_t frames_read_ = 0;
};

}  // namespace hypercast::train
