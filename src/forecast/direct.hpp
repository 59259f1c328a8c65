#pragma once
// Mode `direct`: theta = H(t), the literal mapping from a time to the weights of an INR.

#include <memory>
#include <vector>

#include "forecast/forecaster.hpp"
#include "hyper/model.hpp"

namespace hypercast::forecast {

class Direct final : public Forecaster {
 public:
  // `points` [n][dimensions], physical. The model and its parameters are borrowed.
  Direct(const hyper::Model<float>& model, std::span<const float> phi, std::span<const double> points);
  std::string name() const override { return "forecast"; }
  void forecast(double t, std::span<float> values) override;

 private:
  const hyper::Model<float>& model_;
  std::span<const float> phi_;
  Buffer<float> x_;
};

}  // namespace hypercast::forecast
