#pragma once
// Rows in memory, the same on all ranks; a rank reads only those of models that it owns, as it must.

#include <algorithm>
#include <utility>
#include <vector>

#include "core/comm.hpp"
#include "similarity/rows.hpp"

class MemoryRows final : public hypercast::similarity::Rows {
 public:
  struct Model {
    std::size_t width = 0;
    std::vector<double> values;  // [n][width]
  };

  MemoryRows(const hypercast::Comm& comm, std::vector<Model> models)
      : models_(std::move(models)),
        widths_(widths_of(models_)),
        ownership_(widths_, comm),
        own_(ownership_.mine()) {}

  std::int64_t count() const override {
    return static_cast<std::int64_t>(models_.front().values.size() / models_.front().width);
  }
  const std::vector<std::size_t>& widths() const override { return widths_; }
  const hypercast::similarity::Ownership& ownership() const override { return ownership_; }
  void read(std::size_t model, std::span<const std::int64_t> rows, std::span<double> out) const override {
    const auto number = static_cast<std::int64_t>(model);
    hypercast::check(number >= own_.begin && number < own_.end,
                     "rows of a model that this rank does not own");
    const std::size_t width = widths_[model];
    hypercast::check(out.size() == rows.size() * width, "room for other rows than asked for");
    for (std::size_t i = 0; i < rows.size(); ++i)
      std::copy_n(models_[model].values.begin() + rows[i] * static_cast<std::int64_t>(width), width,
                  out.begin() + static_cast<std::ptrdiff_t>(i * width));
  }

 private:
  static std::vector<std::size_t> widths_of(const std::vector<Model>& models) {
    std::vector<std::size_t> widths;
    for (const auto& model : models) widths.push_back(model.width);
    return widths;
  }

  std::vector<Model> models_;
  std::vector<std::size_t> widths_;
  hypercast::similarity::Ownership ownership_;
  hypercast::Range own_;
};
