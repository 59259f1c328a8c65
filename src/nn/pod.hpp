#pragma once
// Proper orthogonal decomposition: the linear space of given dimension that is nearest to snapshots in the
// mean square. L. Sirovich, "Turbulence and the dynamics of coherent structures", Q. Appl. Math. 45 (1987);
// G. Berkooz, P. Holmes, J. L. Lumley, Annu. Rev. Fluid Mech. 25 (1993).

#include <span>
#include <vector>

#include "core/buffer.hpp"

namespace hypercast::nn {

// u = mean + sum_j code_j mode_j. Modes are orthonormal in the mean over the numbers of a snapshot,
// (1/size) sum_i mode_j(i) mode_k(i) = delta_jk, so that codes have the unit of the field and the mean square
// of a field without mean is the sum of the squares of its codes.
struct Pod {
  std::size_t size = 0;  // of a snapshot: points times channels
  Buffer<double> mean;   // [size]
  Buffer<double> modes;  // [rank][size]; of each, the number with the largest modulus is positive
  // Root mean square of every code over the snapshots, falling: the singular values of the centred snapshots
  // over sqrt(count * size).
  std::vector<double> singular_values;
  double left_out = 0;  // mean square of the snapshots, which the modes miss

  std::size_t rank() const { return singular_values.size(); }
  // Codes [count][rank] of snapshots [count][size] by projection, and back.
  void encode(std::span<const float> snapshots, std::span<double> codes) const;
  void decode(std::span<const double> codes, std::span<float> snapshots) const;
};

struct PodOptions {
  int max_rank = 100;
  bool centred = true;  // else the mean is zero and the modes describe the snapshots themselves
};

// Snapshots of one size, borrowed. The rank is less than asked for when the rest is rounding (singular values
// below 1e-7 of the largest). In double precision; through the Gram matrix of points or of snapshots,
// whichever is smaller (8 bytes times its square of memory), and its leading eigenvectors by block Krylov
// iterations: 4800 snapshots of 64 x 64 points take 3 s on a core. One core, and the same bits each time.
Pod pod(std::span<const std::span<const float>> snapshots, const PodOptions& options);

}  // namespace hypercast::nn
