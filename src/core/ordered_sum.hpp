#pragma once
// A sum of vectors with the same bits on any number of ranks. Terms 0 .. count - 1 belong to ranks in
// stretches, rank after rank; each rank adds its own, rising. They are added along one binary tree over their
// numbers, whatever the stretches are, so of its own a rank holds at most 2 log2(count) vectors at a time,
// and as many numbers again when they are exchanged.

#include <span>
#include <vector>

#include "core/buffer.hpp"
#include "core/comm.hpp"

namespace hypercast {

template <class T>
class OrderedSum {
 public:
  OrderedSum(std::int64_t count, std::size_t size);  // of terms, of each
  // The next term of this rank.
  void add(std::int64_t number, std::span<const T> term);
  // COLLECTIVE, after all terms: the sum, on every rank. The next add() begins another sum.
  void total(const Comm& comm, std::span<T> sum);

 private:
  // The sum of terms [begin, begin + 2^level).
  struct Part {
    std::int64_t begin;
    int level;
    Buffer<T> sum;
  };
  void push(std::vector<Part>& parts, Part part);
  void take(std::vector<Part>& parts, std::int64_t begin, int level, std::span<const T> sum);
  void expect(const Comm& comm);
  void add_gathered(const Comm& comm, std::span<T> total);
  void add_slices(const Comm& comm, std::span<T> total);
  std::size_t count_of_parts() const;
  void add_up(std::span<const T> parts, std::span<T> total);
  static void close(const std::vector<Part>& parts, std::span<T> total);

  std::int64_t count_;
  std::size_t size_;
  std::vector<Part> parts_;
  std::int64_t stretch_[2] = {0, 0};         // first term of this rank, and how many it added
  std::vector<std::int64_t> stretches_;      // of all ranks, when total() was last called
  std::vector<std::vector<Part>> expected_;  // of each rank, without numbers
  std::vector<Buffer<T>> spare_;             // memory of parts that were merged
  Buffer<T> mine_, everything_;
};

}  // namespace hypercast
