#pragma once
// A sum of vectors with the same bits on any number of ranks. Terms 0 .. count - 1 belong to ranks in
// stretches (share_of); each rank adds its own, rising. They are added along one binary tree over their
// numbers, whatever the stretches are, so a rank holds at most log2(count) vectors at a time.

#include <span>
#include <vector>

#include "core/comm.hpp"

namespace hypercast {

class OrderedSum {
 public:
  OrderedSum(std::int64_t count, std::size_t size);  // of terms, of each
  // The next term of this rank.
  void add(std::int64_t number, std::span<const double> term);
  // COLLECTIVE, once, after all terms: the sum on every rank.
  std::vector<double> total(const Comm& comm);

 private:
  // The sum of terms [begin, begin + 2^level).
  struct Part {
    std::int64_t begin;
    int level;
    std::vector<double> sum;
  };
  static void push(std::vector<Part>& parts, Part part);

  std::int64_t count_;
  std::size_t size_;
  std::vector<Part> parts_;
};

}  // namespace hypercast
