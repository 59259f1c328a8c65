#include "forecast/baselines.hpp"

#include <algorithm>

#include "forecast/still.hpp"
#include "nn/dmd.hpp"

namespace hypercast::forecast {

namespace {

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
  const auto add_still = [&](const std::string& name, std::vector<float> field) {
    all.push_back(std::make_unique<Still>(name, std::vector<std::vector<float>>{std::move(field)}));
  };
  const bool timed = facts.condition == hyper::Condition::time;
  if (timed && !known.empty()) {
    const auto last = reference.frame(0, known.back());
    add_still("persistence", {last.begin(), last.end()});
  }
  add_still("zero", std::vector<float>(reference.frame_size()));
  if (known.empty()) return all;
  FrameSpans frames;
  for (const std::size_t k : known) frames.push_back(reference.frame(0, k));
  add_still("time_mean", mean_of(frames));
  if (timed) all.push_back(std::make_unique<DmdForecaster>(dmd_of(reference, known, options)));
  return all;
}

}  // namespace hypercast::forecast
