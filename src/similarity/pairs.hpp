#pragma once
// Matrices X' Y of the rows of all pairs of models, each pair on one rank. A rank sees all rows, so that no
// sum crosses ranks; when not all of its pairs fit into memory, rows pass by several times.

#include <functional>

#include "similarity/plan.hpp"
#include "similarity/rows.hpp"

namespace hypercast::similarity {

struct Pair {
  std::size_t x = 0, y = 0;
};
// x <= y row by row, or all.
std::vector<Pair> pairs_of(std::size_t models, bool ordered);

// COLLECTIVE. For each of the pairs that fall to this rank see(number of the pair, matrices
// [groups][dx][dy]): sums over the rows of each group, or over all rows when there are none. y may be x
// itself, or have its rows in another order.
void products_of_pairs(const Comm& comm, const Rows& x, const Rows& y, const std::vector<Pair>& pairs,
                       const std::vector<Range>& groups, const Resources& resources,
                       const std::function<void(std::size_t number, std::span<const double> matrices)>& see);

// COLLECTIVE. What every rank found for its pairs, `each` numbers a pair: [pairs][each] on all ranks.
class PairResults {
 public:
  PairResults(std::size_t pairs, std::size_t each) : each_(each), values_(pairs * each), mine_(pairs) {}
  std::span<double> of(std::size_t pair);
  std::vector<double> gather(const Comm& comm);

 private:
  std::size_t each_;
  std::vector<double> values_;
  std::vector<bool> mine_;
};

}  // namespace hypercast::similarity
