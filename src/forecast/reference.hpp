#pragma once
// The truth that forecasts are compared with: frames of trajectory files, one copy per node.

#include <filesystem>
#include <optional>
#include <vector>

#include "core/context.hpp"
#include "core/shared_array.hpp"
#include "hyper/model.hpp"

namespace hypercast::forecast {

// What a frame is to the model. Codes are those of the errors file.
enum class Window { fitted = 0, held_out = 1, out_t = 2 };
Window window_of(const hyper::ModelFacts& facts, double t);

class Reference {
 public:
  // COLLECTIVE. Time conditions: all frames of the trajectory that was learned; index conditions: the first
  // frames of all. UserError when the files do not fit the model's grid and fields, or a value is not finite.
  Reference(const Context& context, const std::filesystem::path& folder, const hyper::ModelFacts& facts);

  const std::vector<double>& times() const { return times_; }
  std::size_t frame_size() const { return frame_size_; }
  std::span<const float> frame(std::size_t k) const {
    return values_->values().subspan(k * frame_size_, frame_size_);
  }
  // The frame at that time, if there is one.
  std::optional<std::size_t> find(double t) const;

 private:
  std::vector<double> times_;
  std::size_t frame_size_ = 0;
  std::unique_ptr<SharedArray<float>> values_;
};

}  // namespace hypercast::forecast
