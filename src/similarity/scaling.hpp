#pragma once
// Columns and rows of features, scaled as [similarity] preprocess and clip_quantile say.

#include "similarity/options.hpp"
#include "similarity/rows.hpp"

namespace hypercast::similarity {

// y = factor of the row * (clamp(x, low, high) - shift) * scale; what is empty does nothing.
struct Scaling {
  std::vector<double> low, high, shift, scale, row;
};

class Scaled final : public Rows {
 public:
  explicit Scaled(const Rows& base) : base_(base), scalings_(base.models()) {}  // borrowed; as it is
  // From the numbers of an own model. Columns that are constant become 0 when columns are centred, rows of
  // zeros stay.
  void find(std::size_t model, const SimilarityOptions& options);

  std::int64_t count() const override { return base_.count(); }
  const std::vector<std::size_t>& widths() const override { return base_.widths(); }
  const Ownership& ownership() const override { return base_.ownership(); }
  double rounding(std::size_t model) const override { return base_.rounding(model); }
  void read(std::size_t model, std::span<const std::int64_t> rows, std::span<double> out) const override;

 private:
  const Rows& base_;
  std::vector<Scaling> scalings_;
};

}  // namespace hypercast::similarity
