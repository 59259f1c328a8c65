#include "forecast/parametric_baselines.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/error.hpp"
#include "forecast/still.hpp"

namespace hypercast::forecast {

namespace {

// A weighted sum of training trajectories.
struct Part {
  std::size_t trajectory;
  double weight;
};
using Mixture = std::vector<Part>;

// Another mixture for each trajectory that is forecast.
class MixtureForecaster final : public Forecaster {
 public:
  MixtureForecaster(std::string name, FrameSpans training, std::vector<double> times,
                    std::vector<Mixture> mixtures)
      : name_(std::move(name)),
        training_(std::move(training)),
        times_(std::move(times)),
        mixtures_(std::move(mixtures)) {}
  std::string name() const override { return name_; }
  void forecast(int trajectory, double t, std::span<float> values) override {
    // Between frames k and k + 1.
    const auto above = std::upper_bound(times_.begin(), times_.end(), t) - times_.begin();
    const std::size_t k = above == 0 ? 0 : static_cast<std::size_t>(above) - 1;
    const std::size_t next = std::min(k + 1, times_.size() - 1);
    const double part = next > k && t > times_[k] ? (t - times_[k]) / (times_[next] - times_[k]) : 0;
    std::vector<double> sum(values.size());
    for (const auto& [from, weight] : mixtures_[trajectory]) {
      const auto first = training_[from * times_.size() + k], second = training_[from * times_.size() + next];
      for (std::size_t i = 0; i < sum.size(); ++i)
        sum[i] += weight * ((1 - part) * first[i] + part * second[i]);
    }
    std::transform(sum.begin(), sum.end(), values.begin(), [](double v) { return static_cast<float>(v); });
  }

 private:
  std::string name_;
  FrameSpans training_;
  std::vector<double> times_;
  std::vector<Mixture> mixtures_;
};

Mixture nearest(const std::vector<std::vector<double>>& mu, const std::vector<double>& wanted) {
  std::size_t best = 0;
  double least = INFINITY;
  for (std::size_t b = 0; b < mu.size(); ++b) {
    double square = 0;
    for (std::size_t i = 0; i < wanted.size(); ++i) square += (mu[b][i] - wanted[i]) * (mu[b][i] - wanted[i]);
    if (square < least) {
      least = square;
      best = b;
    }
  }
  return {{best, 1}};
}

// Trajectories by the value of their parameter, rising.
using Ladder = std::map<double, std::vector<std::size_t>>;

Mixture between(const Ladder& ladder, double wanted) {
  auto above = ladder.lower_bound(wanted);
  if (above == ladder.begin()) ++above;
  if (above == ladder.end()) --above;
  const auto below = std::prev(above);
  const double part = (wanted - below->first) / (above->first - below->first);
  Mixture mixture;
  for (const auto& [step, weight] : {std::pair{below, 1 - part}, std::pair{above, part}})
    for (const std::size_t b : step->second)
      mixture.push_back({b, weight / static_cast<double>(step->second.size())});
  return mixture;
}

}  // namespace

std::vector<std::unique_ptr<Forecaster>> parametric_baselines(const ParametricKnowledge& known) {
  check(!known.training.empty() && known.training.size() == known.mu.size() * known.times.size(),
        "baselines without the frames of every training trajectory");
  const auto still = [](const std::string& name, std::vector<float> field) {
    return std::make_unique<Still>(name, std::vector<std::vector<float>>{std::move(field)});
  };
  std::vector<std::unique_ptr<Forecaster>> all;
  all.push_back(still("zero", std::vector<float>(known.training[0].size())));
  all.push_back(still("time_mean", mean_of(known.training)));
  std::vector<Mixture> mixtures;
  for (const auto& wanted : known.wanted) mixtures.push_back(nearest(known.mu, wanted));
  all.push_back(std::make_unique<MixtureForecaster>("nearest", known.training, known.times, mixtures));
  if (known.mu[0].size() != 1) return all;
  Ladder ladder;
  for (std::size_t b = 0; b < known.mu.size(); ++b) ladder[known.mu[b][0]].push_back(b);
  if (ladder.size() < 2) return all;
  mixtures.clear();
  for (const auto& wanted : known.wanted) mixtures.push_back(between(ladder, wanted[0]));
  all.push_back(std::make_unique<MixtureForecaster>("interpolation", known.training, known.times, mixtures));
  return all;
}

}  // namespace hypercast::forecast
