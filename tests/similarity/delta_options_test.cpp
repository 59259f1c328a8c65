// The deck's section of Delta: presets, and what is refused.

#include <gtest/gtest.h>

#include "deck/deck.hpp"
#include "delta_models.hpp"

using namespace hypercast;
using namespace hypercast::similarity;

TEST(Delta, RefusesWhatCannotBe) {
  DeltaOptions options;
  options.conditioning = "onehot";
  EXPECT_NO_THROW(scheme_of(options));
  options.hypernetwork = "linear";
  EXPECT_NO_THROW(scheme_of(options));
  options.bias = false;
  EXPECT_THROW(scheme_of(options), UserError);

  const Bench run(test_world(), same_and_other());
  const auto refused = [&](const Targets& targets, const DeltaOptions& o) {
    EXPECT_THROW(run(targets, o), UserError);
  };
  std::vector<int> labels = inputs().labels;
  labels[7] = 4;
  refused({{labels}, 4, {}, 0}, {});
  refused({{inputs().labels}, 1, {}, 0}, {});
  const std::vector<double> values(160);
  refused({{}, 0, values, 1}, {});  // of a cross entropy
  DeltaOptions user;
  user.conditioning = "user";
  refused(targets_of(inputs()), user);
  user.vectors = {{1, 2}, {3, 4}};
  refused(targets_of(inputs()), user);
  user.vectors = {{1, 2}, {3, 4}, {5, 6}, {7, 8}, {9}};
  refused(targets_of(inputs()), user);
  DeltaOptions learned;
  learned.learned = true;
  refused(targets_of(inputs()), learned);
}

TEST(Delta, PresetsSayWhatTheUserDoesNot) {
  DeltaOptions options;
  const auto usual = scheme_of(options);
  EXPECT_TRUE(usual.map == FeatureMap::relative && usual.centred && usual.normalised && usual.relative_step);
  EXPECT_TRUE(usual.conditioning == ModelCode::shared && !usual.twin);
  options.preset = "seed";
  const auto seed = scheme_of(options);
  EXPECT_TRUE(seed.map == FeatureMap::raw && !seed.centred && !seed.normalised && !seed.relative_step);
  EXPECT_TRUE(seed.conditioning == ModelCode::embed && !seed.twin && seed.steps == 1);
  options.map = "gram";
  options.score = "normalised";
  EXPECT_TRUE(scheme_of(options).map == FeatureMap::gram && scheme_of(options).twin);

  const auto found = delta_of(same_and_other(), inputs(), seed);
  EXPECT_EQ(found.score().data(), found.delta.data());
  EXPECT_NEAR(found.eta[0], 0.01, 1e-15);
}

TEST(Delta, ReadsItsSection) {
  Schema schema;
  schema.add<DeltaOptions>();
  const std::string text =
      "[similarity.delta]\npreset = \"seed\"\nmap = \"relative\"\nanchors = 8\nconditioning = \"user\"\n"
      "vectors = [[1, 2], [3, 4.5]]\nprecision = \"float\"\nsteps = 2\n";
  const Deck deck(schema, text, "test.toml"), again(schema, deck.resolved(), "test.toml");
  for (const auto* each : {&deck, &again}) {
    const auto scheme = scheme_of(each->read<DeltaOptions>());
    EXPECT_TRUE(scheme.map == FeatureMap::relative && !scheme.centred && scheme.single_precision);
    EXPECT_EQ(scheme.anchors, 8);
    EXPECT_EQ(scheme.steps, 2);
    EXPECT_EQ(scheme.vectors, (std::vector<std::vector<double>>{{1, 2}, {3, 4.5}}));
  }
  EXPECT_THROW(Deck(schema, "[similarity.delta]\nrho = 0\n", "test.toml"), UserError);
  EXPECT_THROW(Deck(schema, "[similarity.delta]\nmap = \"gramm\"\n", "test.toml"), UserError);
}
