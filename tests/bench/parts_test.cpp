// What groups are made of: shapes, sizes of arrays, a training on made-up frames.

#include <gtest/gtest.h>

#include "bench/places.hpp"
#include "bench/rate_items.hpp"
#include "bench/siren.hpp"
#include "bench/training.hpp"
#include "room.hpp"
#include "synthetic.hpp"
#include "test_world.hpp"

using namespace hypercast;
using namespace hypercast::bench;

TEST(Siren, WeightsAreThoseOfItsMatrices) {
  const SirenShape shape{.width = 8, .layers = 3, .inputs = 2, .outputs = 3};
  const auto inr = make_siren(shape);
  EXPECT_EQ(shape.weights(), 2 * 8 + 2 * 64 + 8 * 3);
  EXPECT_EQ(inr.params(), static_cast<std::size_t>(shape.weights()) + 3 * 8 + 3);
  EXPECT_EQ(made_up_weights(inr).size(), inr.params());
}

TEST(Places, RanksShareTheLastCache) {
  machine::Facts facts;
  facts.caches = {{2, "Unified", 1e6, 1}, {3, "Unified", 16e6, 4}};
  const auto two = places_of(facts, 2, 0), many = places_of(facts, 64, 5e6);
  ASSERT_EQ(two.size(), 3u);
  EXPECT_EQ(two[0].bytes, 5e5);
  EXPECT_EQ(two[1].bytes, 4e6);
  EXPECT_EQ(two[2].bytes, 64.0 * (1 << 20));
  EXPECT_EQ(many[1].bytes, 2e6);
  EXPECT_EQ(many[2].bytes, 5e6);
}

TEST(Rates, TogetherIsOfARankOrOfANode) {
  Room room(test_world());
  machine::Facts facts;
  Results results;
  const machine::Rounds rounds{5, 1e-4};
  const Bench bench{room.context, rounds, facts, results};
  const auto rate = [](double) { return 6.0; };
  add_rates(bench, {"one", "B/s", "what"}, rate);
  add_rates(bench, {"all", "B/s", "what", "one", true}, rate);
  EXPECT_EQ(results.find("one.alone")->summary.median, 6);
  EXPECT_DOUBLE_EQ(results.find("one.together")->summary.median, 6);
  EXPECT_EQ(results.find("all.together")->summary.median, 6 * room.node.size());
  EXPECT_EQ(results.find("all.together")->bound->name, "one.together");
  EXPECT_FALSE(results.find("one.alone")->bound);
}

TEST(Training, TakesStepsAndTimesItsPhases) {
  const auto folder = synthetic::folder(test_world(), "bench_training");
  Room room(test_world());
  machine::Facts facts;
  Results results;
  const machine::Rounds rounds{5, 1e-4};
  const Bench bench{room.context, rounds, facts, results, folder};
  Training training(bench, {.trunk_width = 4,
                            .inr_width = 8,
                            .layers = 2,
                            .points_x = 5,
                            .points_y = 3,
                            .frames = 6,
                            .outputs = 2});
  const auto shape = training.shape();
  EXPECT_EQ(shape.points, 15);
  EXPECT_EQ(shape.rows, shape.inr_parameters());
  EXPECT_EQ(shape.inputs, 2);
  EXPECT_EQ(shape.outputs, 2);
  EXPECT_FALSE(std::filesystem::exists(folder / "bench" / "frames"));
  EXPECT_EQ(training.seconds("head"), 0);
  const auto samples = phase_seconds(bench, training, {"head", "head backward"});
  ASSERT_EQ(samples.size(), 2u);
  for (const auto& phase : samples) {
    ASSERT_EQ(phase.size(), 5u);
    for (const double seconds : phase) EXPECT_GT(seconds, 0);
  }
}
