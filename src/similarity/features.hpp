#pragma once
// The features of all models as the deck wants them: rows chosen, numbers checked, columns and rows scaled. A
// rank keeps those of the models it owns as they were read; scaling happens whenever they are seen.

#include <filesystem>
#include <functional>
#include <memory>

#include "core/context.hpp"
#include "similarity/options.hpp"
#include "similarity/rows.hpp"
#include "similarity/source.hpp"
#include "similarity/store.hpp"

namespace hypercast::similarity {

// What is known of a model's features before they are read.
struct Extent {
  std::int64_t rows = 0, samples = 0;
  std::size_t width = 0, places = 1;
  bool single = false;  // all numbers are floats
};

using Open = std::function<std::unique_ptr<Source>(std::size_t model)>;

// COLLECTIVE: ranks share the work. UserError as the sources throw it.
std::vector<Extent> survey(const Comm& comm, std::size_t models, const Open& open);

class Features final : public Rows {
 public:
  // COLLECTIVE. `chosen`: the rows that are used, in any order, none twice. UserError (data) when a number is
  // not finite (unless such rows are dropped), naming model and row. What does not fit into half of the
  // memory of [similarity] goes to `scratch`, a folder that is there.
  Features(const Context& context, const std::vector<Extent>& extents, const Open& open,
           const std::vector<std::string>& names, std::vector<std::int64_t> chosen,
           const SimilarityOptions& options, const std::filesystem::path& scratch);

  std::int64_t count() const override { return static_cast<std::int64_t>(order_.size()); }
  const std::vector<std::size_t>& widths() const override { return widths_; }
  const Ownership& ownership() const override { return ownership_; }
  void read(std::size_t model, std::span<const std::int64_t> rows, std::span<double> out) const override;

  // The numbers that the rows have in the files.
  const std::vector<std::int64_t>& numbers() const { return numbers_; }

 private:
  // y = factor of the row * (clamp(x, low, high) - shift) * scale; what is empty does nothing.
  struct Scaling {
    std::vector<double> low, high, shift, scale, row;
  };
  void raw(std::size_t model, std::span<const std::int64_t> rows, std::span<double> out) const;
  void scaled(const Scaling& scaling, std::span<const std::int64_t> rows, std::span<double> out) const;
  Scaling scaling_of(std::size_t model, const SimilarityOptions& options) const;

  std::vector<std::size_t> widths_;
  Ownership ownership_;
  std::vector<std::int64_t> numbers_, order_;  // order_: places in the stores
  std::vector<std::optional<Store>> stores_;   // [models], of own ones
  std::vector<Scaling> scalings_;
};

}  // namespace hypercast::similarity
