#pragma once
// Matrices X' Y of the rows of all pairs of models, each on one rank. A rank sees all rows, so that no sum
// crosses ranks; when not all of its matrices fit into memory, rows pass by several times.

#include <functional>

#include "similarity/plan.hpp"
#include "similarity/rows.hpp"
#include "similarity/score.hpp"

namespace hypercast::similarity {

// Columns of x with all of y.
struct Pair {
  std::size_t x = 0, y = 0;
  Range columns;
};
// x <= y row by row, or all, with all columns.
std::vector<Pair> pairs_of(const Rows& rows, bool ordered);
// Cut into pairs of so few columns that a matrix has at most `most` numbers, where it has more than a row.
std::vector<Pair> cut(const std::vector<Pair>& pairs, const Rows& y, double most);

// COLLECTIVE. For each of the pairs that fall to this rank see(number of the pair, matrices
// [groups][columns][dy]): sums over the rows of each group, or over all rows when there are none. y may be x
// itself, or have its rows in another order.
void products_of_pairs(const Context& context, const Rows& x, const Rows& y, const std::vector<Pair>& pairs,
                       const std::vector<Range>& groups, const Resources& resources,
                       const std::function<void(std::size_t number, std::span<const double> matrices)>& see);

// What every rank finds for its pairs, `each` numbers or scores a pair.
template <class T>
class PairResults {
 public:
  PairResults(std::size_t pairs, std::size_t each) : each_(each), values_(pairs * each), mine_(pairs) {}
  std::span<T> of(std::size_t pair);  // once, to be filled
  // COLLECTIVE. [pairs][each], of all ranks; every pair was filled by one of them.
  std::vector<T> gather(const Comm& comm) const;

 private:
  std::size_t each_;
  std::vector<T> values_;
  std::vector<char> mine_;
};

}  // namespace hypercast::similarity
