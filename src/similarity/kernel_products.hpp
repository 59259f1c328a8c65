#pragma once
// The two routes to sum_ij Kc_ij Lc_ij (kernel_sums.hpp), over all rows and over all but a group's.

#include "core/context.hpp"
#include "similarity/kernel_rows.hpp"
#include "similarity/plan.hpp"

namespace hypercast::similarity {

// Models x with rows as they are and y, the same or with rows in another order; both are borrowed.
struct Sides {
  const KernelFeatures& x;
  const Rows* y = nullptr;  // KernelFeatures in that order; null: x
};

// Both COLLECTIVE. [1 + groups][M][M]: products over all rows, then without the rows and columns of group g.
std::vector<double> products_by_tiles(const Context& context, const Sides& sides,
                                      const std::vector<Range>& groups, const Resources& resources);
// Of the linear kernel.
std::vector<double> products_by_covariances(const Context& context, const Sides& sides,
                                            const std::vector<Range>& groups, const Resources& resources);

}  // namespace hypercast::similarity
