#pragma once
// The space that the columns of one model's features span, and how two of them lie to each other. Through a
// QR decomposition of the features, never through their covariance, which squares the condition number:
// angles between columns of condition 1e9 are right to 1e-6 (A. Bjorck, G. H. Golub, "Numerical methods for
// computing angles between linear subspaces", Math. Comp. 27 (1973)). Nothing here is collective.

#include <cstdint>
#include <span>
#include <vector>

#include "core/buffer.hpp"
#include "similarity/measure.hpp"

namespace hypercast::similarity {

// Of x [n][width] without the means of its columns; columns that are constant become exactly 0. WRITES u
// [n][rank]; of each column of U the number with the largest modulus is positive. `axes`: V too. Error when x
// is not finite. `rounding` of its numbers as in rows.hpp. About 4 n width^2 flops and 3 copies of x, whose
// own memory is given back.
Subspace subspace_of(Buffer<double> x, std::int64_t n, std::size_t width, bool axes, double rounding,
                     Buffer<double>& u);

// The same of x as it is: rank <= min(n, width).
Subspace uncentred_subspace_of(Buffer<double> x, std::int64_t n, std::size_t width, bool axes,
                               Buffer<double>& u);

// Cosines of the angles between the first `of_x` directions of X and the first `of_y` of Y, falling,
// [min(of_x, of_y)].
std::vector<double> canonical_correlations(const SubspacePair& pair, std::size_t of_x, std::size_t of_y);
// Of all directions; kept with the pair.
const std::vector<double>& canonical_correlations(const SubspacePair& pair);

// What comes with a value made of all canonical correlations: `zero_variance` when a rank is 0 and there is
// none; `too_few_rows` when two spaces of these dimensions meet in n - 1 dimensions whatever they are, so
// that some correlations are 1 by counting (all of them, when a rank is n - 1); `rank_deficient` when a model
// has fewer dimensions than columns.
Status status_of_correlations(const SubspacePair& pair);

// |Xc' Yc|_* / (|Xc| |Yc|), the cosine of the angle between X and Y, scaled to norm 1, after the best
// rotation; kept with the pair.
Score procrustes(const SubspacePair& pair);

}  // namespace hypercast::similarity
