#pragma once
// Inner products of the centred kernels of all pairs of models, over all rows and over all rows but those of
// one group (for the jackknife), in one pass. Two routes give the same numbers:
//
//   tiles        K_j on a tile of rows x rows for every model at once, as rows of a matrix V; V V' holds the
//                products of all pairs. n^2 D + n^2 M^2 / 2 operations for D columns in all; any kernel.
//   covariances  <Kc, Lc> = |Xc' Yc|^2, n D^2 operations; the linear kernel. Pays when D is below n.
//
// Tiles (p, q) of blocks of rows lie on half a ring: q = p, p + 1, .., p + B/2 of B blocks, so every p has
// the same work. Blocks p are kept, by ranks, and meet blocks q as stream() shows them; sums have one order.

#include <optional>

#include "core/context.hpp"
#include "similarity/kernel_rows.hpp"
#include "similarity/plan.hpp"

namespace hypercast::similarity {

// Of all pairs of M models over one set of rows.
struct KernelSums {
  std::int64_t n = 0;
  std::size_t models = 0;
  std::vector<double> inner, diagonal;             // [M][M], x in rows, y in columns
  std::vector<double> self, self_diagonal, trace;  // [M]
  KernelPair pair(std::size_t x, std::size_t y) const;
};

enum class Route { tiles, covariances };
// The cheaper one of n rows and so many columns of all models; tiles for any but the linear kernel.
Route cheaper_route(const Kernel& kernel, std::int64_t n, std::size_t models, std::size_t columns);

// COLLECTIVE. [0] all rows, [1 + g] without group g; groups tile
// all rows, or there are none. A Gaussian kernel keeps the bandwidth of all rows in all of them.
std::vector<KernelSums> kernel_sums(const Context& context, const KernelFeatures& features,
                                    const std::vector<Range>& groups, const Resources& resources,
                                    std::optional<Route> route = {});

// COLLECTIVE. Of x with rows as they are and y with rows in another order, of which no row may be missing.
// `known`: of the rows as they are.
KernelSums permuted_kernel_sums(const Context& context, const KernelFeatures& features,
                                const std::vector<std::int64_t>& order, const KernelSums& known,
                                const Resources& resources, std::optional<Route> route = {});

}  // namespace hypercast::similarity
