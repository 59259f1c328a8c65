// Phases of a step beside their floors, against numbers worked out by hand.

#include "train/breakdown.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.hpp"
#include "hyper/model.hpp"
#include "synthetic.hpp"
#include "test_world.hpp"
#include "train/model_shape.hpp"

using namespace hypercast;
using namespace hypercast::train;

namespace {

void spend(Timers& timers, const std::string& name) {
  const auto scope = timers.scope(name);
  for (const double start = wall_seconds(); wall_seconds() - start < 1e-3;) continue;
}

// 10 + rank and so on, so that the last rank is the slowest one.
StepTimes times(double step, std::vector<double> phases) {
  const double more = 1 + test_world().rank();
  for (double& seconds : phases) seconds *= more;
  return {step * more, std::move(phases)};
}

const Phase& named(const std::vector<Phase>& phases, const std::string& name) {
  for (const auto& phase : phases)
    if (phase.name == name) return phase;
  throw Error("no phase " + name);
}

StepCost floors() {
  StepCost cost;
  cost.inr = 0.02;
  cost.sincos = 0.005;
  cost.trunk = 0.004;
  cost.head_compute = 0.03;
  cost.head_memory = 0.028;
  cost.head_forward = 0.01;
  cost.head_backward = 0.024;
  return cost;
}

hyper::Model<float> model_of(const std::string& more, int channels = 2) {
  static const Schema schema = [] {
    Schema all;
    hyper::add_model_sections(all);
    return all;
  }();
  const auto layout = synthetic::layout(8, 2, channels);
  hyper::ModelFacts facts;
  facts.channels = layout.channels;
  facts.mean.assign(facts.channels.size(), 0);
  facts.scale.assign(facts.channels.size(), 1);
  facts.axes = layout.axes;
  facts.conditions.count = 5;
  return hyper::make_model<float>(
      Deck(schema, "[inr.siren]\nwidth = 16\ndepth = 3\n[hypernetwork]\nwidth = 24\ndepth = 2\n" + more,
           "test.toml"),
      facts);
}

}  // namespace

// Phases: reading, trunk, head forward, frames, rollouts, head backward and optimiser, gradient norm,
// exchange.
TEST(Breakdown, IsTheSlowestRanksMeanBesideTheFloor) {
  const double ranks = test_world().size();
  const auto phases = breakdown(test_world(), times(1, {0, 0.1, 0, 0.2, 0, 0.1, 0, 0.05}),
                                times(11, {0, 1.1, 0.5, 4.2, 0, 2.1, 1, 1.05}), 10, floors());
  ASSERT_EQ(phases.size(), 8u);
  EXPECT_EQ(phases[0].name, "trunk");
  EXPECT_EQ(phases[6].name, "rest of the step");
  EXPECT_EQ(phases[7].name, "step");
  EXPECT_NEAR(named(phases, "trunk").seconds, 0.1 * ranks, 1e-12);
  EXPECT_NEAR(*named(phases, "trunk").floor, 0.004, 1e-12);
  EXPECT_NEAR(named(phases, "head forward").seconds, 0.05 * ranks, 1e-12);
  EXPECT_NEAR(*named(phases, "head forward").reached(), 0.01 / 0.05 / ranks, 1e-12);
  EXPECT_NEAR(named(phases, "frames").seconds, 0.4 * ranks, 1e-12);
  EXPECT_NEAR(named(phases, "frames").share, 0.4, 1e-12);
  EXPECT_NEAR(*named(phases, "frames").reached(), 0.025 / 0.4 / ranks, 1e-12);
  EXPECT_NEAR(*named(phases, "head backward and optimiser").reached(), 0.024 / 0.2 / ranks, 1e-12);
  EXPECT_FALSE(named(phases, "gradient norm").floor);
  EXPECT_FALSE(named(phases, "exchange").floor) << "one that costs nothing has no floor";
  EXPECT_NEAR(named(phases, "rest of the step").seconds, (10 - 1 - 0.5 - 4 - 2 - 1 - 1) / 10 * ranks, 1e-12);
  EXPECT_NEAR(phases.back().seconds, ranks, 1e-12);
  EXPECT_EQ(phases.back().share, 1);
  EXPECT_NEAR(*phases.back().floor, 0.02 + 0.005 + 0.004 + 0.03, 1e-12);
  EXPECT_NEAR(*phases.back().reached(), 0.059 / ranks, 1e-12);
  EXPECT_THROW(breakdown(test_world(), times(0, {}), times(1, {}), 0, {}), Error);
}

TEST(Breakdown, ExchangeIsAllCommunicationButOfReplicas) {
  auto cost = floors();
  cost.exchange = 1;
  cost.hidden = 2;
  cost.replicas = 4;
  cost.trunk_reduction = 8;
  const std::vector<double> none(8, 0.0);
  const auto phases = breakdown(test_world(), times(0, none), times(1, none), 10, cost);
  EXPECT_EQ(*named(phases, "exchange").floor, 11);
  EXPECT_DOUBLE_EQ(*named(phases, "head backward and optimiser").floor, 0.024 + 4);
  EXPECT_FALSE(named(phases, "exchange").reached()) << "it took no time";
  EXPECT_EQ(breakdown(test_world(), times(0, none), times(1, none), 10, {}).size(), 2u);
}

TEST(Breakdown, OnlyStepsCount) {
  Timers timers;
  for (const char* name : {"trunk", "frames", "exchange"}) spend(timers, name);  // a validation
  EXPECT_EQ(step_times(timers).phases, std::vector<double>(8, 0.0));
  {
    const auto step = timers.scope("step");
    for (const char* name : {"trunk", "head", "frames", "head backward", "optimiser", "trunk backward"})
      spend(timers, name);
  }
  const auto times = step_times(timers);
  ASSERT_EQ(times.phases.size(), 8u);
  EXPECT_GE(times.phases[1], 2e-3);  // trunk, there and back
  EXPECT_GE(times.phases[2], 1e-3);
  EXPECT_GE(times.phases[3], 1e-3);
  EXPECT_GE(times.phases[5], 2e-3);
  EXPECT_EQ(times.phases[7], 0);
  double sum = 0;
  for (const double seconds : times.phases) sum += seconds;
  EXPECT_LE(sum, times.step);
  EXPECT_EQ(times.step, timers.seconds("step"));
}

TEST(Breakdown, IsPrintedAndWritten) {
  const std::vector<Phase> phases{{"frames", 0.0005, 0.25, 0.0001}, {"step", 0.002, 1, 0.001}};
  EXPECT_EQ(table_of(phases),
            "phase                        ms a step    share   floor ms  floor / measured\n"
            "frames                          0.5000   25.0 %     0.1000            20.0 %\n"
            "step                            2.0000  100.0 %     1.0000            50.0 %");
  EXPECT_EQ(csv_title(), "stage,phase,ms,share,floor_ms,reached\n");
  EXPECT_EQ(csv_of(3, phases), "3,frames,0.5,0.25,0.1,0.2\n3,step,2,1,1,0.5\n");
  const std::vector<Phase> unknown{{"step", 0.002, 1, {}}};
  EXPECT_EQ(
      table_of(unknown),
      "phase                        ms a step    share\nstep                            2.0000  100.0 %");
  EXPECT_EQ(csv_of(0, unknown), "0,step,2,1,nan,nan\n");
}

TEST(Modelled, TheGridOfADeck) {
  TrainOptions options;
  EXPECT_EQ(grid_of(options, 6).replicas, 1);
  options.replicas = 4;
  options.trunk = "data_parallel";
  const auto grid = grid_of(options, 6);
  EXPECT_EQ(grid.ranks, 6);
  EXPECT_EQ(grid.replicas, 4);
  EXPECT_EQ(grid.groups(), 2) << "two replicas each";
  EXPECT_EQ(grid.trunk, Trunk::data_parallel);
}

// Three layers of 16 sines on a periodic axis, behind a trunk of two layers of 24.
TEST(Modelled, SirensBehindAFullHead) {
  const auto model = model_of("[condition.time_fourier]\nfrequencies = 3\n");
  const auto found = modelled(model, 7, 11);
  ASSERT_TRUE(found.shape) << found.why_not;
  const auto& s = *found.shape;
  EXPECT_EQ(s.trunk_width, 24);
  EXPECT_EQ(s.inr_width, 16);
  EXPECT_EQ(s.layers, 3);
  EXPECT_EQ(s.inputs, 2);
  EXPECT_EQ(s.outputs, 2);
  EXPECT_EQ(s.points, 11);
  EXPECT_EQ(s.frames, 7);
  EXPECT_EQ(s.trunk_parameters,
            static_cast<std::int64_t>((model.hypernetwork.features() + 1) * 24 + 25 * 24));
  EXPECT_EQ(s.rows, s.inr_parameters());
}

TEST(Modelled, TablesOfAnEncoderAreNoArithmetic) {
  const auto model = model_of("[condition]\nencoder = \"index\"\n[condition.index]\nwidth = 4\n");
  EXPECT_EQ(model.hypernetwork.encoder_params(), 20u);
  EXPECT_EQ(modelled(model, 5, 8).shape->trunk_parameters, 5 * 24 + 25 * 24);
}

TEST(Modelled, OtherModelsAreNotKnown) {
  for (const char* head : {"last_layer", "shift", "low_rank"}) {
    const auto found = modelled(model_of("head = \"" + std::string(head) + "\"\n"), 7, 11);
    EXPECT_FALSE(found.shape) << head;
    EXPECT_NE(found.why_not.find("heads"), std::string::npos) << head;
  }
  for (const char* inr : {"mfn", "fourier"}) {
    const auto found = modelled(model_of("[inr]\nname = \"" + std::string(inr) + "\"\n"), 7, 11);
    EXPECT_FALSE(found.shape) << inr;
    EXPECT_NE(found.why_not.find("INRs"), std::string::npos) << inr;
  }
}
