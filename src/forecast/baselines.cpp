#include "forecast/baselines.hpp"

#include <algorithm>

#include "nn/dmd.hpp"

namespace hypercast::forecast {

namespace {

// A field that does not change.
class Constant final : public Forecaster {
 public:
  Constant(std::string name, std::vector<float> field) : name_(std::move(name)), field_(std::move(field)) {}
  std::string name() const override { return name_; }
  void forecast(int, double, std::span<float> values) override {
    std::copy(field_.begin(), field_.end(), values.begin());
  }

 private:
  std::string name_;
  std::vector<float> field_;
};

class DmdForecaster final : public Forecaster {
 public:
  explicit DmdForecaster(nn::Dmd dmd) : dmd_(std::move(dmd)), field_(dmd_.size) {}
  std::string name() const override { return "dmd"; }
  void forecast(int, double t, std::span<float> values) override {
    dmd_.evaluate(t, field_);
    std::transform(field_.begin(), field_.end(), values.begin(),
                   [](double v) { return static_cast<float>(v); });
  }

 private:
  nn::Dmd dmd_;
  std::vector<double> field_;
};

std::vector<float> mean_of(const Reference& reference, const std::vector<std::size_t>& frames) {
  std::vector<double> sum(reference.frame_size());
  for (const std::size_t k : frames)
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += reference.frame(0, k)[i];
  std::vector<float> mean;
  for (const double s : sum) mean.push_back(static_cast<float>(s / static_cast<double>(frames.size())));
  return mean;
}

nn::Dmd dmd_of(const Reference& reference, const std::vector<std::size_t>& frames,
               const ForecastOptions& options) {
  std::vector<double> snapshots, times;
  for (const std::size_t k : frames) {
    const auto frame = reference.frame(0, k);
    snapshots.insert(snapshots.end(), frame.begin(), frame.end());
    times.push_back(reference.times()[k]);
  }
  return nn::dmd(snapshots, times, {options.dmd_rank, options.dmd_tolerance});
}

}  // namespace

std::vector<std::unique_ptr<Forecaster>> baselines(const Reference& reference, const hyper::ModelFacts& facts,
                                                   const ForecastOptions& options) {
  std::vector<std::size_t> known;
  for (std::size_t k = 0; k < reference.times().size(); ++k)
    if (window_of(facts, reference.times()[k]) != Window::out_t) known.push_back(k);
  std::vector<std::unique_ptr<Forecaster>> all;
  const bool timed = facts.condition == hyper::Condition::time;
  if (timed && !known.empty()) {
    const auto last = reference.frame(0, known.back());
    all.push_back(std::make_unique<Constant>("persistence", std::vector<float>(last.begin(), last.end())));
  }
  all.push_back(std::make_unique<Constant>("zero", std::vector<float>(reference.frame_size())));
  if (known.empty()) return all;
  all.push_back(std::make_unique<Constant>("time_mean", mean_of(reference, known)));
  if (timed) all.push_back(std::make_unique<DmdForecaster>(dmd_of(reference, known, options)));
  return all;
}

}  // namespace hypercast::forecast
