#pragma once
// How rows are cut for work that meets all pairs of rows, and what that may take. Depends on the problem
// alone, never on the ranks, so that results do not.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "core/comm.hpp"
#include "io/scratch.hpp"

namespace hypercast::similarity {

// A quarter of the memory is for what families keep of rows (beyond that it goes to a file), a quarter for
// blocks of rows that pass by, half for what is made of them.
struct Resources {
  double memory = 4e9;              // bytes a rank may use beside the features it keeps
  bool single = false;              // products of kernels in float, sums of them in double
  std::filesystem::path scratch{};  // folder for what does not fit; empty: everything stays in memory
};

// Where so many bytes of a rank are kept: null for memory.
std::shared_ptr<io::Scratch> room_for(double bytes, const Resources& resources);

// Rows of a block that passes by, of which a rank holds up to four copies.
std::int64_t rows_of_block(const Resources& resources, double bytes_of_row, std::int64_t most);

// `parts` groups of n rows, in order, about equal in inputs, of which each has so many rows that follow one
// another and stay together; none for parts = 0.
std::vector<Range> groups_of(std::int64_t n, int parts, std::int64_t each = 1);

// Blocks of at most `most` rows that tile [0, n) and do not reach across groups; about 16 blocks where that
// keeps them above 32 rows.
std::vector<Range> blocks_within(std::int64_t n, const std::vector<Range>& groups, std::int64_t most);

// The group that a row lies in; -1: there are none.
int group_of(const std::vector<Range>& groups, std::int64_t row);

}  // namespace hypercast::similarity
