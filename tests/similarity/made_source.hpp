#pragma once
// Features for tests of what is done before models are compared: sources of numbers that tests make.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "golden.hpp"
#include "room.hpp"
#include "similarity/features.hpp"
#include "test_world.hpp"

namespace golden {

// Rows of features, `each` of one input; must be read from the first row on, none twice. `read_rows` counts
// those that were.
class MadeSource final : public hypercast::similarity::Source {
 public:
  MadeSource(const Features& features, std::int64_t each, bool single, std::int64_t* read_rows = nullptr)
      : features_(features), each_(each), single_(single), read_rows_(read_rows) {}
  std::int64_t rows() const override { return static_cast<std::int64_t>(features_.n); }
  std::int64_t samples() const override { return rows() / each_; }
  std::size_t places() const override { return static_cast<std::size_t>(each_); }
  std::size_t width() const override { return features_.width; }
  bool fits_float() const override { return single_; }
  double rounding() const override { return single_ ? 6e-8 : 0; }
  void read(const hypercast::Range& rows, std::span<double> out) override {
    EXPECT_GE(rows.begin, end_) << "read before";
    EXPECT_LE(rows.end, this->rows());
    EXPECT_EQ(out.size(), static_cast<std::size_t>(rows.size()) * features_.width);
    end_ = rows.end;
    if (read_rows_) *read_rows_ += rows.size();
    std::copy_n(&features_.values[static_cast<std::size_t>(rows.begin) * features_.width], out.size(),
                out.begin());
  }

 private:
  Features features_;
  std::int64_t each_, end_ = 0;
  bool single_;
  std::int64_t* read_rows_;
};

// Models of such sources, called "model 0" and so on.
struct Sources {
  std::vector<Features> models;
  std::int64_t each = 1;
  bool single = false;
  std::int64_t* read_rows = nullptr;

  hypercast::similarity::Open open() const {
    return [this](std::size_t j) { return std::make_unique<MadeSource>(models[j], each, single, read_rows); };
  }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (std::size_t j = 0; j < models.size(); ++j) names.push_back("model " + std::to_string(j));
    return names;
  }
};

// COLLECTIVE.
inline hypercast::similarity::Features features_of(
    const Room& room, const Sources& sources, const std::vector<std::int64_t>& chosen,
    const hypercast::similarity::SimilarityOptions& options = {}, const std::filesystem::path& scratch = {}) {
  const auto extents = hypercast::similarity::survey(room.comm, sources.models.size(), sources.open());
  return {room.context, extents, sources.open(), sources.names(), chosen, options, scratch};
}

// All rows of an own model.
inline Features all_of(const hypercast::similarity::Rows& rows, std::size_t model) {
  return {static_cast<std::size_t>(rows.count()), rows.widths()[model],
          hypercast::similarity::whole(rows, model)};
}

}  // namespace golden
