#pragma once
// How far the rows of one model's features are from each other. Nothing here is collective.

#include <cstdint>
#include <span>

#include "core/buffer.hpp"

namespace hypercast::similarity {

// Ranks of the dissimilarities 1 - Pearson correlation of all pairs of rows i < j of x [n][width], row by row
// of the upper triangle, [n (n - 1) / 2]; equal ones (to 12 digits) have the mean of their ranks. Shifted and
// scaled to mean 0 and norm 1, so that Spearman's correlation of two such lists is their inner product. A row
// whose numbers are all equal has correlation 0 with every other. NaN when all dissimilarities are equal, as
// of fewer than 3 rows. Memory for 3 such lists.
Buffer<double> distance_ranks(std::span<const double> x, std::int64_t n, std::size_t width);

}  // namespace hypercast::similarity
