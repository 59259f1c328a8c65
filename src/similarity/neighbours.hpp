#pragma once
// The nearest rows of every row of one model's features. Nothing here is collective.

#include <cstdint>
#include <span>
#include <vector>

#include "similarity/measure.hpp"

namespace hypercast::similarity {

// Of every row of x [n][width] the k others with the largest cosine to it, [n][k], rising numbers of rows; of
// equal cosines (to 12 digits) the lower number is nearer. A row of zeros has cosine 0 with every other. All
// are -1 where, of every row, all others are equally near. 1 <= k < n. By blocks of rows: 2 n^2 width flops,
// memory for 256 n distances.
std::vector<std::int32_t> nearest(Buffer<double> x, std::int64_t n, std::size_t width, int k);

// How many numbers two rising lists share.
int shared_neighbours(std::span<const std::int32_t> a, std::span<const std::int32_t> b);

// What keeps lists of two models, [n][k] each, from being compared: `too_few_rows` when k is all other rows,
// `zero_variance` when a model's rows are all equally near.
Status status_of_neighbours(std::int64_t n, int k, std::span<const std::int32_t> x,
                            std::span<const std::int32_t> y);

}  // namespace hypercast::similarity
