#pragma once
// Encoder and trunk of a batch, there and back, in one of two ways:
//
//   replicated     every rank computes all frames; nothing travels
//   data_parallel  every rank computes its leaves; h is spread, gradients are summed over leaves, so that the
//                  work falls with the number of ranks and messages rise with it
//
// Each gives the same bits on any number of ranks; the second differs from the first in the last ones.

#include <optional>

#include "core/context.hpp"
#include "core/node_matrix.hpp"
#include "core/ordered_sum.hpp"
#include "hyper/hypernetwork.hpp"
#include "train/leaves.hpp"
#include "train/replicas.hpp"

namespace hypercast::train {

class TrunkPass {
 public:
  // All borrowed.
  TrunkPass(const Context& context, const hyper::Hypernetwork<float>& hypernetwork, const Leaves& leaves,
            const Replicas& replicas, bool data_parallel);

  // COLLECTIVE. h[T][width] of conditions[T][inputs], at least the frames of this rank's group; phi begins
  // with [encoder | trunk].
  void forward(std::span<const float> phi, std::span<const float> conditions, std::span<float> h);
  // COLLECTIVE. From dh[T][width] of the same conditions, of which the group's frames are there (the others
  // may be filled in): ADDS to d_phi, which begins likewise.
  void backward(std::span<const float> conditions, std::span<float> dh, std::span<float> d_phi);

 private:
  // A leaf's share of something with so many numbers a frame.
  template <class T>
  std::span<T> of_leaf(std::int64_t leaf, std::span<T> all, std::size_t each) const;
  void gather_groups(std::span<float> dh);
  std::size_t parameters() const;  // of encoder and trunk

  const Context& context_;
  const hyper::Hypernetwork<float>& hypernetwork_;
  const Leaves& leaves_;
  const Replicas& replicas_;
  bool data_parallel_;
  std::vector<hyper::Hypernetwork<float>::Tape> tapes_;  // of the batch, or of each of my leaves
  std::optional<NodeMatrix<float>> hidden_;
  OrderedSum<float> sum_;
  Buffer<float> part_, total_;
};

}  // namespace hypercast::train
