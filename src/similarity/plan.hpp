#pragma once
// How rows are cut for work that meets all pairs of rows, and what that may take. Depends on the problem
// alone, never on the ranks, so that results do not.

#include <cstdint>
#include <vector>

#include "core/comm.hpp"

namespace hypercast::similarity {

struct Resources {
  double memory = 4e9;  // bytes a rank may use beside the features it keeps
  bool single = false;  // products in float, sums of them in double
};

// `parts` groups of n rows, about equal, in order; none for parts = 0.
std::vector<Range> groups_of(std::int64_t n, int parts);

// Blocks of at most `most` rows that tile [0, n) and do not reach across groups; about 16 blocks where that
// keeps them above 32 rows.
std::vector<Range> blocks_within(std::int64_t n, const std::vector<Range>& groups, std::int64_t most);

// The group that a row lies in; -1: there are none.
int group_of(const std::vector<Range>& groups, std::int64_t row);

}  // namespace hypercast::similarity
