#pragma once
// Numbers of a model's features that may tell a hypernetwork which model it writes for.
//
//   spectrum  log(lambda_i / sum lambda) of the eigenvalues of the features' covariance, those above 1e-10 of
//             the largest, falling; resampled to `code_size` numbers by linear interpolation over i, and of
//             norm one. Unchanged when the columns go through an orthogonal map. Costs min(n, width)^3.
//   mean      the features' mean over rows, as given, divided by the mean norm of rows as given, with zeros
//             up to the widest model.
//
// Other conditionings have none.

#include <cstdint>
#include <span>
#include <vector>

#include "core/buffer.hpp"
#include "similarity/delta/features.hpp"

namespace hypercast::similarity {

class Signature {
 public:
  Signature(const DeltaScheme& scheme, const FeatureShape& shape, std::size_t width);
  // Rows [rows][width] from `begin` on, in turn.
  void see(std::int64_t begin, std::span<const double> rows);
  std::vector<double> done(std::span<const double> mean, double mean_norm) const;

 private:
  ModelCode code_;
  std::size_t n_, width_, widest_, size_;
  Buffer<double> sums_;  // of the spectrum: X'X [width][width], or X [n][width] itself where n < width
};

}  // namespace hypercast::similarity
