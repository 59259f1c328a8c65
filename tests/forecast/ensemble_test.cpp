// The baselines of ensembles: Fourier fits, POD with a linear map.

#include <gtest/gtest.h>

#include <cmath>

#include "core/random.hpp"
#include "forecast/ensemble_baselines.hpp"
#include "forecast/pod_linear.hpp"
#include "forecast/spectra.hpp"
#include "forecast/training_frames.hpp"
#include "synthetic.hpp"
#include "test_world.hpp"

using namespace hypercast;
using namespace hypercast::forecast;

namespace {

io::Axis uniform_axis(const std::string& name, int n, io::Boundary boundary) {
  io::Axis axis{name, {}, boundary};
  const double shift = boundary == io::Boundary::neumann ? 0.5 : 0;
  for (int i = 0; i < n; ++i) axis.points.push_back((i + shift) / n);
  return axis;
}

double worst(std::span<const float> a, std::span<const float> b) {
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    most = std::max(most, std::abs(static_cast<double>(a[i]) - b[i]));
  return most;
}

FrameSpans spans_of(const std::vector<std::vector<float>>& frames) { return {frames.begin(), frames.end()}; }

// Random fields of two channels on a periodic axis x and a walled axis y: modes |k| <= 2, falling with |k|.
std::vector<std::vector<float>> fields(const std::vector<io::Axis>& axes, int count) {
  std::vector<std::vector<float>> all;
  for (int f = 0; f < count; ++f) {
    const Random random(4, Random::Purpose::test, static_cast<std::uint32_t>(f));
    auto& field = all.emplace_back();
    for (const double x : axes[0].points)
      for (const double y : axes[1].points)
        for (int c = 0; c < 2; ++c) {
          double u = 0;
          for (int k = 0; k <= 2; ++k)
            for (int l = 0; k * k + l * l <= 4; ++l)
              u += std::exp(-k - l) * std::cos(M_PI * l * y) *
                   (random.normal(100 * c + 10 * k + l) * std::cos(2 * M_PI * k * x) +
                    random.normal(100 * c + 50 + 10 * k + l) * std::sin(2 * M_PI * k * x));
          field.push_back(static_cast<float>(u));
        }
  }
  return all;
}

std::vector<std::uint32_t> every(std::uint32_t step, std::uint32_t count) {
  std::vector<std::uint32_t> points;
  for (std::uint32_t i = 0; i < count; i += step) points.push_back(i);
  return points;
}

}  // namespace

TEST(FourierFit, FindsTheFieldsItCanHold) {
  const std::vector<io::Axis> axes = {uniform_axis("x", 12, io::Boundary::periodic),
                                      uniform_axis("y", 10, io::Boundary::neumann)};
  const auto truth = fields(axes, 3);
  // 1 + 8 functions with |k| <= 2, and the next shell (sqrt 5) has four more.
  FourierFit fit(axes, every(7, 120), 2, 12);
  EXPECT_EQ(fit.functions(), 9u);
  EXPECT_EQ(fit.largest_wavenumber(), 2);
  auto seen = truth;  // what is not observed is not read
  for (auto& frame : seen)
    for (std::size_t i = 0; i < frame.size(); ++i)
      if (i / 2 % 7 != 0) frame[i] = NAN;
  const auto completed = fit.complete(spans_of(seen));
  for (int f = 0; f < 3; ++f) EXPECT_LT(worst(completed[f], truth[f]), 1e-5);
  EXPECT_EQ(FourierFit(axes, every(7, 120), 2, 1).functions(), 1u) << "the constant";
  EXPECT_LE(FourierFit(axes, every(1, 120), 2, 1000).largest_wavenumber(), 5) << "resolved by the grid";
}

TEST(FourierFit, LearnsWhatSparsePointsCannotTell) {
  const std::vector<io::Axis> axes = {uniform_axis("x", 12, io::Boundary::periodic),
                                      uniform_axis("y", 10, io::Boundary::neumann)};
  const auto training = fields(axes, 300);
  std::vector<std::uint32_t> scattered;
  for (std::uint32_t i = 0; i < 120; ++i)
    if (Random(6, Random::Purpose::test).uniform(i) < 0.2) scattered.push_back(i);
  FourierFit fit(axes, scattered, 2, 40);
  EXPECT_GT(fit.functions(), scattered.size()) << "fewer points than functions";
  fit.learn(spans_of(training));
  const auto completed = fit.complete(spans_of(training));
  double error = 0, size = 0;
  for (std::size_t f = 0; f < training.size(); ++f)
    for (std::size_t i = 0; i < training[f].size(); ++i) {
      error += std::pow(completed[f][i] - training[f][i], 2);
      size += std::pow(training[f][i], 2);
    }
  EXPECT_LT(std::sqrt(error / size), 0.02);
}

class EnsembleTest : public testing::Test {
 protected:
  EnsembleTest()
      : comm_(static_cast<MPI_Comm>(test_world())),
        node_(comm_.node(0)),
        folder_(synthetic::folder(comm_, "ensemble")) {
    synthetic::write(comm_, folder_, layout_);
    facts_.channels = layout_.channels;
    facts_.axes = layout_.axes;
    facts_.window_end = 1.0;
    facts_.frame_interval = 0.1;
    facts_.condition = hyper::Condition::code;
    for (int k = 0; k <= 10; ++k) facts_.train_times.push_back(0.1 * k);
  }
  ~EnsembleTest() override {
    comm_.barrier();
    if (comm_.is_root()) std::filesystem::remove_all(folder_);
  }

  FrameSpans training() {
    if (!frames_) frames_.emplace(context_, folder_, facts_);
    return frames_->spans();
  }
  // Largest error of a baseline over the trajectories at a frame of the reference.
  double error(Forecaster& forecaster, std::size_t frame) const {
    std::vector<float> values(reference_->frame_size());
    double most = 0;
    for (int b = 0; b < reference_->trajectories(); ++b) {
      forecaster.forecast(b, reference_->times()[frame], values);
      most = std::max(most, worst(values, reference_->frame(b, frame)));
    }
    return most;
  }
  std::vector<std::unique_ptr<Forecaster>> baselines_for(const EnsembleKnowledge& known) {
    reference_.emplace(context_, folder_, facts_);
    return ensemble_baselines(*reference_, facts_, known);
  }
  static std::vector<std::string> names(const std::vector<std::unique_ptr<Forecaster>>& all) {
    std::vector<std::string> found;
    for (const auto& one : all) found.push_back(one->name());
    return found;
  }

  io::TrajectoryLayout layout_ = synthetic::layout(24, 31, 2, 8);
  Comm comm_;
  Comm node_;
  Log log_{1};
  Timers timers_;
  Signals signals_{"/nonexistent", wall_seconds(), 0};
  Context context_{comm_, node_, log_, timers_, signals_};
  std::filesystem::path folder_;
  hyper::ModelFacts facts_;
  std::optional<TrainingFrames> frames_;
  std::optional<Reference> reference_;
};

TEST_F(EnsembleTest, BaselinesAreWhatTheyAreCalled) {
  const auto all = baselines_for({training(), 11, {}, {}, 6});
  ASSERT_EQ(names(all), (std::vector<std::string>{"persistence", "zero", "mean_field", "pod"}));
  EXPECT_EQ(error(*all[0], 0), 0) << "persistence is the first frame";
  EXPECT_GT(error(*all[0], 20), 0.5);
  std::vector<float> values(48), expected(48);
  all[1]->forecast(3, 2.0, values);
  EXPECT_EQ(values, std::vector<float>(48)) << "zero";
  for (const auto& frame : training())
    for (int i = 0; i < 48; ++i) expected[i] += frame[i] / 88;
  all[2]->forecast(5, 1.0, values);
  EXPECT_LT(worst(values, expected), 1e-5) << "mean_field";
  // The waves are damped, travel, and keep their profile: their codes follow a linear map, at any time.
  for (const std::size_t frame : {0, 7, 30}) EXPECT_LT(error(*all[3], frame), 1e-3) << "pod " << frame;
  all[3]->forecast(2, 1.55, values);
  for (int i = 0; i < 24; ++i)
    for (int c = 0; c < 2; ++c)
      EXPECT_NEAR(values[2 * i + c], synthetic::wave(1.55, layout_.axes[0].points[i], c, 2), 1e-3);
}

TEST_F(EnsembleTest, BaselinesKnowObservedPointsOnly) {
  hyper::Observed few{0.4, {{0, 1, 4, 6, 9, 10, 14, 15, 20, 21}}};
  const auto some = baselines_for({training(), 11, {}, few, 6});
  ASSERT_EQ(names(some), (std::vector<std::string>{"persistence", "zero", "mean_field", "pod", "fourier",
                                                   "fourier_prior"}));
  for (const std::size_t frame : {0, 30}) EXPECT_LT(error(*some[3], frame), 5e-3) << "pod " << frame;
  EXPECT_LT(error(*some[4], 0), 1e-3) << "nine functions and ten points";
  EXPECT_LT(error(*some[5], 0), 2e-2) << "more functions than points";
  EXPECT_GT(error(*some[5], 30), 0.5) << "held for ever";

  const auto masked = baselines_for({training(), 11, few, few, 6});
  ASSERT_EQ(names(masked),
            (std::vector<std::string>{"persistence", "zero", "pod", "fourier", "fourier_prior"}));
  EXPECT_LT(error(*masked[2], 0), 2e-2) << "of completed frames";
  EXPECT_LT(error(*masked[2], 30), 5e-2);

  hyper::Observed own{0.2, {}};
  for (std::uint32_t b = 0; b < 8; ++b) own.masks.push_back({b, b + 4, b + 7, b + 11, b + 16});
  const auto each = baselines_for({training(), 11, {}, own, 6});
  ASSERT_EQ(names(each), (std::vector<std::string>{"persistence", "zero", "mean_field", "pod", "fourier"}));
  EXPECT_LT(error(*each[3], 30), 5e-3);
  EXPECT_LT(error(*each[4], 0), 1e-4);
  EXPECT_EQ(names(baselines_for({training(), 11, own, own, 6})),
            (std::vector<std::string>{"persistence", "zero", "fourier"}));
}

TEST_F(EnsembleTest, SpectraAreMeansOverTrajectoriesAndWindows) {
  const auto all = baselines_for({training(), 11, {}, {}, 6});
  const std::vector<Forecaster*> some = {all[0].get(), all[1].get(), all[3].get()};
  const auto table = compare_spectra(context_, *reference_, facts_, reference_->times(), some);
  EXPECT_EQ(table.names, (std::vector<std::string>{"persistence", "zero", "pod"}));
  EXPECT_EQ(table.in_t.frames, 8u * 11);
  EXPECT_EQ(table.out_t.frames, 8u * 20);
  // Channel c: e^{-0.2 t} sin(x - t + b) + 0.3 cos(2 x + c) + c.
  double in_t = 0, out_t = 0;
  for (int k = 0; k < 31; ++k)
    (k <= 10 ? in_t : out_t) += 2 * 0.25 * std::exp(-0.04 * k) / (k <= 10 ? 11 : 20);
  EXPECT_NEAR(table.in_t.truth[0], 0.5, 1e-6);
  EXPECT_NEAR(table.in_t.truth[1], in_t, 1e-6);
  EXPECT_NEAR(table.out_t.truth[1], out_t, 1e-6);
  EXPECT_NEAR(table.out_t.truth[2], 2 * 0.25 * 0.09, 1e-6);
  EXPECT_NEAR(table.out_t.forecast[0][1], 2 * 0.25, 1e-6) << "persistence";
  EXPECT_EQ(table.out_t.forecast[1][1], 0) << "zero";
  EXPECT_NEAR(table.out_t.error[1][1], out_t, 1e-6) << "zero misses all";
  EXPECT_LT(table.out_t.error[2][1], 1e-6) << "pod";
  EXPECT_LT(relative_difference(table.out_t.forecast[2], table.out_t.truth)[1], 1e-3);
}

TEST_F(EnsembleTest, TrainingFramesAreThoseOfTheWindow) {
  facts_.held_out_times = {0.2};
  facts_.train_times.erase(facts_.train_times.begin() + 2);
  const TrainingFrames frames(context_, folder_, facts_);
  EXPECT_EQ(frames.trajectories(), 8u);
  EXPECT_EQ(frames.per_trajectory(), 11u);
  EXPECT_NEAR(frames.spans()[11 * 3 + 2][1], synthetic::wave(0.2, 0, 1, 3), 1e-6);
  facts_.channels = {"w"};
  EXPECT_THROW(TrainingFrames(context_, folder_, facts_), UserError);
}
