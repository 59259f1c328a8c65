#pragma once
// The features of all models as the deck wants them: inputs chosen, numbers checked, columns and rows scaled.
// A rank keeps those of the models it owns as they were read; scaling happens whenever they are seen.

#include <filesystem>
#include <functional>
#include <memory>

#include "core/context.hpp"
#include "similarity/options.hpp"
#include "similarity/plan.hpp"
#include "similarity/scaling.hpp"
#include "similarity/source.hpp"
#include "similarity/store.hpp"

namespace hypercast::similarity {

// What is known of a model's features before they are read.
struct Extent {
  std::int64_t rows = 0, samples = 0;  // rows are those of so many inputs
  std::size_t width = 0, places = 1;   // places of an input, whether they make rows or not
  bool single = false;                 // all numbers are floats
  double rounding = 0;                 // of the numbers, relative
  std::int64_t each() const { return rows / samples; }
};

using Open = std::function<std::unique_ptr<Source>(std::size_t model)>;

// COLLECTIVE: ranks share the work. UserError as the sources throw it.
std::vector<Extent> survey(const Comm& comm, std::size_t models, const Open& open);

class Features final : public Rows {
 public:
  // COLLECTIVE. `chosen`: the inputs that are used, with all their rows, in any order, none twice. UserError
  // (data) when a number is not finite (unless such inputs are dropped), naming model and row. What does not
  // fit into half of the memory of [similarity] goes to a file in `scratch`, a folder that is there.
  Features(const Context& context, const std::vector<Extent>& extents, const Open& open,
           const std::vector<std::string>& names, const std::vector<std::int64_t>& chosen,
           const SimilarityOptions& options, const std::filesystem::path& scratch);

  std::int64_t count() const override { return scaled_->count(); }
  const std::vector<std::size_t>& widths() const override { return widths_; }
  const Ownership& ownership() const override { return ownership_; }
  void read(std::size_t model, std::span<const std::int64_t> rows, std::span<double> out) const override {
    scaled_->read(model, rows, out);
  }
  double rounding(std::size_t model) const override { return roundings_[model]; }

  // The numbers that the inputs have in the files, and the rows of each, which follow one another.
  const std::vector<std::int64_t>& inputs() const { return inputs_; }
  std::int64_t each() const { return each_; }

 private:
  std::vector<std::size_t> widths_;
  std::vector<double> roundings_;
  Ownership ownership_;
  std::int64_t each_;
  std::vector<std::int64_t> inputs_;
  std::unique_ptr<Stored> stored_;
  std::unique_ptr<Selected> selected_;
  std::unique_ptr<Scaled> scaled_;
};

}  // namespace hypercast::similarity
