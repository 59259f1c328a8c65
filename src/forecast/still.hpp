#pragma once
// The simplest forecasts: fields that do not change.

#include <string>
#include <vector>

#include "forecast/forecaster.hpp"

namespace hypercast::forecast {

// Frames of [point][channel], borrowed.
using FrameSpans = std::vector<std::span<const float>>;

std::vector<float> mean_of(const FrameSpans& frames);

// A field for each trajectory, or one for all.
class Still final : public Forecaster {
 public:
  Still(std::string name, std::vector<std::vector<float>> fields)
      : name_(std::move(name)), fields_(std::move(fields)) {}
  std::string name() const override { return name_; }
  void forecast(int trajectory, double t, std::span<float> values) override;

 private:
  std::string name_;
  std::vector<std::vector<float>> fields_;
};

}  // namespace hypercast::forecast
