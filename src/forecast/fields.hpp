#pragma once
// Fields from a path of weights: u = g_theta(x), in physical units.

#include "forecast/forecaster.hpp"
#include "forecast/weight_path.hpp"
#include "hyper/model.hpp"

namespace hypercast::forecast {

class Fields final : public Forecaster {
 public:
  // `points` [n][dimensions], physical. Model and path are borrowed.
  Fields(const hyper::Model<float>& model, WeightPath& path, std::span<const double> points);
  std::string name() const override { return "forecast"; }
  void forecast(int trajectory, double t, std::span<float> values) override;
  bool has_spread() const override { return path_.members() > 1; }
  void spread(int trajectory, double t, std::span<float> values) override;
  double bounded_until(int trajectory) const override;

 private:
  void member(int trajectory, int member, double t, std::span<float> values);

  const hyper::Model<float>& model_;
  WeightPath& path_;
  Buffer<float> x_, one_;
};

}  // namespace hypercast::forecast
