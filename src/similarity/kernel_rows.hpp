#pragma once
// What is known of every row of a kernel matrix. For each model K is centred over all rows, Kc = H K H, and
// its rows are summed over groups of rows; with that, the kernel over all rows but those of a group is known
// too.

#include "similarity/measure.hpp"
#include "similarity/plan.hpp"
#include "similarity/store.hpp"

namespace hypercast::similarity {

// Features whose kernels are compared: [x_1 .. x_d, r], d centred features of a row and the mean r of its raw
// kernel over all rows, less half the mean of the whole kernel (0 for the linear kernel), so that
// Kc_ij = K_ij - r_i - r_j.
class KernelFeatures final : public Rows {
 public:
  // `centred` is borrowed. Not collective: works on own models.
  KernelFeatures(const Rows& centred, const Kernel& kernel);
  std::int64_t count() const override { return centred_.count(); }
  const std::vector<std::size_t>& widths() const override { return widths_; }
  const Ownership& ownership() const override { return centred_.ownership(); }
  void read(std::size_t model, std::span<const std::int64_t> rows, std::span<double> out) const override;
  // 2 t^2 m of the Gaussian kernel of an own model, 0 where all its rows are the same; 0 for the linear
  // kernel.
  double scale(std::size_t model) const { return scales_[model]; }
  const Kernel& kernel() const { return kernel_; }

 private:
  const Rows& centred_;
  Kernel kernel_;
  std::vector<std::size_t> widths_;
  std::vector<double> scales_;                  // [models]; of own ones
  std::vector<std::vector<double>> row_means_;  // r, [models][n]; of own ones; empty: linear
};

// The median of all n^2 squared distances between rows x[n][width], zeros of the diagonal included. Of more
// than 8192 rows, of every (n / 8192)-th.
double median_squared_distance(std::span<const double> x, std::size_t width);

// out[a][b] = K(x_i, y_j) - r_i - r_j for rows of KernelFeatures x[a][width], y[b][width], in `Real`
// products. scale: of the kernel. Not collective.
template <class Real>
void kernel_tile(const Kernel& kernel, double scale, std::span<const Real> x, std::span<const Real> y,
                 std::size_t width, std::span<Real> out);

// [Kc_ii, sum over j in group 0 of Kc_ij, over group 1, ...] of each row: width 1 + groups. Not collective.
Stored kernel_rows(const KernelFeatures& features, std::span<const Range> groups, const Resources& resources);

}  // namespace hypercast::similarity
