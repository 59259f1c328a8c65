#pragma once
// How sure scores are, and what chance would give, from scores that come one set after the other.

#include <vector>

#include "similarity/score.hpp"

namespace hypercast::similarity {

// Mean and sum of squares about it, of every entry (B. P. Welford, Technometrics 4 (1962)); NaN once a score
// was.
struct Moments {
  double count = 0;
  std::vector<double> mean, squares;
  void add(const Scores& scores);
};

// What is known of the scores of one measure. Statistics are empty where nothing was asked for.
struct Comparison {
  bool larger_is_more_similar = true;
  Scores value;  // first
  Moments without, permuted;
  std::vector<double> as_similar;  // how many permuted scores are, of every entry

  void add_permuted(const Scores& scores);
  // Delete-a-group jackknife: sqrt((g - 1) / g sum_k (s_k - mean)^2) over scores s_k without group k (B.
  // Efron and C. Stein, Ann. Statist. 9 (1981)). Not the bootstrap over rows, which would compare rows with
  // themselves. NaN where a score without some group is not defined.
  std::vector<double> standard_error() const;
  // Mean and deviation of scores with permuted rows, and the probability of one at least as similar:
  // (1 + number of such) / (1 + number of all). NaN where one is not defined.
  std::vector<double> null_mean() const { return permuted.mean; }
  std::vector<double> null_deviation() const;
  std::vector<double> p_value() const;
};

}  // namespace hypercast::similarity
