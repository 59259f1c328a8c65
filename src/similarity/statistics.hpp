#pragma once
// How sure scores are, and what chance would give.

#include "similarity/compare.hpp"

namespace hypercast::similarity {

// Of each entry; empty where nothing was asked for.
struct Statistics {
  // Delete-a-group jackknife: sqrt((g - 1) / g sum_k (s_k - mean)^2) over scores s_k without group k (B.
  // Efron and C. Stein, Ann. Statist. 9 (1981)). Not the bootstrap over rows, which would compare rows with
  // themselves.
  std::vector<double> standard_error;
  // Mean and deviation of scores with permuted rows, and the probability of one at least as similar:
  // (1 + number of such) / (1 + number of all).
  std::vector<double> null_mean, null_deviation, p_value;
};

Statistics statistics_of(const Comparison& comparison, bool larger_is_more_similar);

}  // namespace hypercast::similarity
