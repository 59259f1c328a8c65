// The first stage of latent training: variable projection, and the data it looks at.

#include "train/projection.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "room.hpp"
#include "synthetic.hpp"
#include "test_world.hpp"

using namespace hypercast;
using namespace hypercast::train;

namespace fs = std::filesystem;

namespace {

const hyper::Conditioning of_codes{hyper::Condition::code, {}};

// A folder of the test's own with travelling waves.
class Waves : public testing::Test {
 protected:
  void SetUp() override { folder_ = synthetic::folder(test_world(), "waves"); }
  void TearDown() override {
    test_world().barrier();
    if (test_world().is_root()) fs::remove_all(folder_);
  }
  fs::path write(const std::string& name, const io::TrajectoryLayout& layout) {
    if (test_world().is_root()) fs::create_directories(folder_ / name);
    test_world().barrier();
    synthetic::write(test_world(), folder_ / name, layout);
    return folder_ / name;
  }
  hyper::FrameList list(const fs::path& folder) { return window_frames(test_world(), folder, {}, of_codes); }
  fs::path folder_;
};

hyper::Observed masks(std::vector<std::vector<std::uint32_t>> points) { return {0.5, std::move(points)}; }

}  // namespace

using ProjectionLoss = Waves;

// Along random directions, in single precision: differences are of second order, so steps are large.
TEST_F(ProjectionLoss, ItsGradientIsThatOfTheLoss) {
  const auto folder = write("set", synthetic::layout(32, 6, 2, 4));
  Room room(test_world());
  Schema schema;
  hyper::add_model_sections(schema);
  const Deck deck(schema,
                  "[inr.siren]\nwidth = 5\ndepth = 1\nomega0 = 2\n[condition]\nencoder = \"code\"\n"
                  "[hypernetwork]\nhead = \"last_layer\"\ndepth = 0\n",
                  "test.toml");
  TrainOptions options;
  options.batch = 7;
  options.frames_per_leaf = 3;
  for (const bool observed : {false, true}) {
    for (const std::string loss : {"mse", "relative"}) {
      options.loss = loss;
      options.points = observed ? 20 : 0;
      Dataset data(
          room.context, list(folder), {}, of_codes,
          observed ? masks({{1, 2, 3, 5, 7, 8, 9, 11, 13, 14, 16, 17, 19, 20, 21, 23, 24, 26, 28, 30, 31}})
                   : hyper::Observed{});
      const auto model = hyper::make_model<float>(deck, data.facts());
      Projection projection(room.context, data, nullptr, model, options);
      Buffer<float> theta(model.inr.params()), dw(projection.params()), other(dw.size());
      model.inr.initialise(theta, Random(2, Random::Purpose::weights));
      const Buffer<float> w(theta.begin(), theta.begin() + dw.size());
      const double value = projection.compute(3, w, dw);
      EXPECT_GT(value, 1e-3) << "too good for a gradient to be seen";
      for (std::uint32_t k = 0; k < 3; ++k) {
        const Random random(4, Random::Purpose::test, k);
        double along = 0, size = 0;
        for (std::size_t i = 0; i < dw.size(); ++i) {
          along += random.normal(i) * dw[i];
          size += std::abs(random.normal(i) * dw[i]);
        }
        const auto at = [&](double h) {
          Buffer<float> moved = w;
          for (std::size_t i = 0; i < moved.size(); ++i) moved[i] += static_cast<float>(h * random.normal(i));
          return projection.compute(3, moved, other);
        };
        const double h = 4e-3;
        const double difference = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
        EXPECT_NEAR(along, difference, 2e-3 * size) << loss << observed << k;
      }
    }
  }
}

TEST_F(ProjectionLoss, FramesThatTheFeaturesHoldLeaveNothing) {
  const auto folder = write("set", synthetic::layout(32, 6, 1, 4)),
             other = write("other", synthetic::layout(32, 6, 1, 2));
  Room room(test_world());
  Schema schema;
  hyper::add_model_sections(schema);
  const Deck deck(schema,
                  "[inr]\nname = \"fourier\"\n[inr.fourier]\nmax_wavenumber = 3\nwidth = 6\ndepth = 1\n"
                  "[condition]\nencoder = \"code\"\n[hypernetwork]\nhead = \"last_layer\"\ndepth = 0\n",
                  "test.toml");
  const Dataset data(room.context, list(folder), {}, of_codes);
  const Dataset valid(room.context, list(other), {}, of_codes, {}, &data.facts());
  const auto model = hyper::make_model<float>(deck, data.facts());
  TrainOptions options;
  Projection projection(room.context, data, &valid, model, options);
  Buffer<float> theta(model.inr.params()), dw(projection.params());
  model.inr.initialise(theta, Random(2, Random::Purpose::weights));
  const std::span<const float> w(theta.data(), dw.size());
  const double loss = projection.compute(0, w, dw), error = projection.validate(w);
  EXPECT_GT(loss, 0);
  EXPECT_LT(loss, 0.1) << "of a mean square of 1";
  EXPECT_LT(error, 0.5);
  EXPECT_EQ(projection.validated_on(), "validation trajectories");
}

using Data = Waves;

TEST_F(Data, AreNormalisedByWhatIsObserved) {
  const auto folder = write("set", synthetic::layout(16, 5, 2, 3));
  Room room(test_world());
  const auto frames = list(folder);
  const auto moments = [](const Dataset& data, std::size_t channel, bool observed) {
    double sum = 0, squares = 0, count = 0;
    for (int s = 0; s < 15; ++s) {
      const auto points = data.observed(data.trajectory(s));
      for (std::uint32_t i = 0; i < 16; ++i) {
        if (observed && std::find(points.begin(), points.end(), i) == points.end()) continue;
        const double value = data.frame(s)[2 * i + channel];
        sum += value, squares += value * value, ++count;
      }
    }
    return std::pair(sum / count, squares / count);
  };
  for (const auto& points : {masks({{1, 2, 3, 9}}), masks({{0, 1}, {5, 6, 7}, {11}})}) {
    const Dataset data(room.context, frames, {}, of_codes, points);
    EXPECT_EQ(data.facts().own_masks, points.own());
    EXPECT_EQ(data.facts().observed, 0.5);
    for (std::size_t c = 0; c < 2; ++c) {
      const auto [mean, square] = moments(data, c, true);
      EXPECT_NEAR(mean, 0, 1e-5);
      EXPECT_NEAR(square, 1, 1e-5);
      EXPECT_GT(std::abs(moments(data, c, false).first), 1e-2) << "other points count for nothing";
    }
    double sum = 0;
    for (const auto i : data.observed(1))
      for (std::size_t c = 0; c < 2; ++c) sum += std::pow(data.frame(7)[2 * i + c], 2);
    EXPECT_NEAR(data.mean_square(7), sum / (2 * static_cast<double>(data.observed(1).size())), 1e-5);
  }
}

TEST_F(Data, MayShareOneScale) {
  auto layout = synthetic::layout(16, 5, 2, 3);
  const auto folder = write("set", layout);
  Room room(test_world());
  DataOptions common;
  common.scale = "common";
  const Dataset own(room.context, list(folder), {}, of_codes),
      one(room.context, list(folder), common, of_codes);
  const auto& scale = own.facts().scale;
  EXPECT_NEAR(one.facts().scale[0], std::sqrt((scale[0] * scale[0] + scale[1] * scale[1]) / 2), 1e-12);
  EXPECT_EQ(one.facts().scale[0], one.facts().scale[1]);
  EXPECT_EQ(one.facts().mean, own.facts().mean);
}

TEST_F(Data, AreNormalisedLikeOthersWhenTheyAreToBeCompared) {
  const auto folder = write("set", synthetic::layout(16, 5, 1, 3)),
             other = write("other", synthetic::layout(16, 5, 1, 1));
  Room room(test_world());
  const Dataset data(room.context, list(folder), {}, of_codes);
  const Dataset valid(room.context, list(other), {}, of_codes, {}, &data.facts());
  EXPECT_EQ(valid.facts().mean, data.facts().mean);
  EXPECT_EQ(valid.facts().scale, data.facts().scale);
  for (int k = 0; k < 5; ++k)  // the same wave, trajectory 0
    for (std::size_t i = 0; i < 16; ++i) EXPECT_EQ(valid.frame(k)[i], data.frame(k)[i]);
}

TEST_F(Data, ValidationTakesTheLastOnesOrThoseOfItsFolder) {
  const auto folder = write("set", synthetic::layout(16, 5, 1, 33));
  auto all = list(folder);
  const auto kept = take_validation(test_world(), {}, 5, all);
  EXPECT_EQ(kept.pieces.size(), 3u) << "a sixteenth, rounded up";
  EXPECT_EQ(all.pieces.size(), 30u);
  EXPECT_EQ(kept.pieces.front().number, 30);
  EXPECT_EQ(all.pieces.back().number, 29);
  auto one = list(write("one", synthetic::layout(16, 5, 1, 1)));
  EXPECT_TRUE(take_validation(test_world(), {}, 5, one).pieces.empty()) << "the only one is trained on";
  EXPECT_EQ(one.pieces.size(), 1u);
  auto again = list(folder);
  const auto given = take_validation(test_world(), write("valid", synthetic::layout(16, 9, 1, 2)), 5, again);
  EXPECT_EQ(given.pieces.size(), 2u);
  EXPECT_EQ(given.frames(), 5u);
  EXPECT_EQ(again.pieces.size(), 33u);
}
