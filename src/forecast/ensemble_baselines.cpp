#include "forecast/ensemble_baselines.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "forecast/pod_linear.hpp"
#include "forecast/still.hpp"

namespace hypercast::forecast {

namespace {

constexpr std::size_t most_functions = 1000;         // fitted without a prior
constexpr std::size_t most_functions_learned = 600;  // and with one

class PodForecaster final : public Forecaster {
 public:
  PodForecaster(PodLinear model, std::vector<double> codes, double start, double interval)
      : model_(std::move(model)), codes_(std::move(codes)), start_(start), interval_(interval) {}
  std::string name() const override { return "pod"; }
  void forecast(int trajectory, double t, std::span<float> values) override {
    const std::size_t d = model_.pod().rank();
    model_.forecast(std::span(codes_).subspan(trajectory * d, d), (t - start_) / interval_, values);
  }

 private:
  PodLinear model_;
  std::vector<double> codes_;  // [trajectory][rank], at the start
  double start_, interval_;
};

FrameSpans first_frames(const Reference& reference, std::size_t frame) {
  FrameSpans frames;
  for (int b = 0; b < reference.trajectories(); ++b) frames.push_back(reference.frame(b, frame));
  return frames;
}

std::vector<std::uint32_t> list_of(std::span<const std::uint32_t> points) {
  return {points.begin(), points.end()};
}

std::vector<std::vector<float>> fitted(const hyper::ModelFacts& facts, const hyper::Observed& observed,
                                       const FrameSpans& frames) {
  std::vector<std::vector<float>> fields;
  for (std::size_t b = 0; b < frames.size(); ++b) {
    if (b > 0 && !observed.own()) break;  // all at once, below
    const auto points = observed.of(b);
    const FourierFit fit(facts.axes, list_of(points), facts.channels.size(),
                         std::min(points.size(), most_functions));
    for (auto& field : fit.complete(observed.own() ? FrameSpans{frames[b]} : frames))
      fields.push_back(std::move(field));
  }
  return fields;
}

bool contains(const hyper::Observed& training, std::span<const std::uint32_t> points) {
  const auto seen = training.of(0);
  return training.everywhere() ||
         (!training.own() && std::includes(seen.begin(), seen.end(), points.begin(), points.end()));
}

FourierFit learned(const hyper::ModelFacts& facts, const FrameSpans& training,
                   std::span<const std::uint32_t> points) {
  FourierFit fit(facts.axes, list_of(points), facts.channels.size(), most_functions_learned);
  fit.learn(training);
  return fit;
}

PodLinear pod_of(const hyper::ModelFacts& facts, const EnsembleKnowledge& known) {
  if (known.training_observed.everywhere()) return {known.training, known.training_frames, known.rank};
  const auto fields = learned(facts, known.training, known.training_observed.of(0)).complete(known.training);
  return {FrameSpans(fields.begin(), fields.end()), known.training_frames, known.rank};
}

// Codes of the first frames, observed as they are.
std::vector<double> codes_of(const PodLinear& model, const FrameSpans& frames,
                             const hyper::Observed& observed, std::size_t channels) {
  if (!observed.own()) return model.encode(frames, observed.of(0), channels);
  std::vector<double> codes;
  for (std::size_t b = 0; b < frames.size(); ++b) {
    const auto one = model.encode({frames[b]}, observed.of(b), channels);
    codes.insert(codes.end(), one.begin(), one.end());
  }
  return codes;
}

}  // namespace

std::vector<std::unique_ptr<Forecaster>> ensemble_baselines(const Reference& reference,
                                                            const hyper::ModelFacts& facts,
                                                            const EnsembleKnowledge& known) {
  const auto start = reference.find(facts.window_start);
  check(!known.training.empty() && start.has_value(), "baselines without training frames or a first frame");
  const auto frames = first_frames(reference, *start);
  std::vector<std::vector<float>> copies;
  for (const auto& frame : frames) copies.emplace_back(frame.begin(), frame.end());

  // What the modes with a learned prior make of the first frames.
  std::vector<std::vector<float>> completed;
  const auto points = known.observed.of(0);
  if (!known.observed.everywhere() && !known.observed.own() && contains(known.training_observed, points))
    completed = learned(facts, known.training, points).complete(frames);

  std::vector<std::unique_ptr<Forecaster>> all;
  const auto add_still = [&](const std::string& name, std::vector<std::vector<float>> fields) {
    all.push_back(std::make_unique<Still>(name, std::move(fields)));
  };
  add_still("persistence", std::move(copies));
  add_still("zero", {std::vector<float>(reference.frame_size())});
  if (known.training_observed.everywhere()) add_still("mean_field", {mean_of(known.training)});
  if (!known.training_observed.own() && known.training_frames > 1) {
    PodLinear model = pod_of(facts, known);
    auto codes = completed.empty() ? codes_of(model, frames, known.observed, facts.channels.size())
                                   : model.encode({completed.begin(), completed.end()}, {}, 1);
    all.push_back(std::make_unique<PodForecaster>(std::move(model), std::move(codes),
                                                  reference.times()[*start], facts.frame_interval));
  }
  if (!known.observed.everywhere()) add_still("fourier", fitted(facts, known.observed, frames));
  if (!completed.empty()) add_still("fourier_prior", std::move(completed));
  return all;
}

std::vector<std::unique_ptr<Forecaster>> still_baselines(const FrameSpans& training) {
  const std::vector<std::vector<float>> zero{std::vector<float>(training[0].size())}, mean{mean_of(training)};
  std::vector<std::unique_ptr<Forecaster>> all;
  all.push_back(std::make_unique<Still>("zero", zero));
  all.push_back(std::make_unique<Still>("mean_field", mean));
  return all;
}

}  // namespace hypercast::forecast
