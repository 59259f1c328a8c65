#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "forecast/baselines.hpp"
#include "forecast/direct.hpp"
#include "forecast/errors.hpp"
#include "forecast/fields.hpp"
#include "forecast/output.hpp"
#include "room.hpp"
#include "synthetic.hpp"
#include "test_world.hpp"

using namespace hypercast;
using namespace hypercast::forecast;

namespace {

hyper::ModelFacts facts_of(const io::TrajectoryLayout& layout) {
  hyper::ModelFacts facts;
  facts.dataset_name = layout.dataset_name;
  facts.channels = layout.channels;
  facts.axes = layout.axes;
  facts.mean.assign(layout.channels.size(), 0.25);
  facts.scale.assign(layout.channels.size(), 2.0);
  facts.window_start = 0;
  facts.window_end = 1.0;
  facts.frame_interval = 0.1;
  for (int k = 0; k <= 10; ++k) (k % 5 == 2 ? facts.held_out_times : facts.train_times).push_back(0.1 * k);
  facts.conditions.count = 11;
  return facts;
}

struct Small {
  Schema schema;
  hyper::ModelFacts facts = facts_of(synthetic::layout(24, 31, 2));
  hyper::Model<float> model;
  Buffer<float> phi;
  Direct path;
  Small() : model(make()), phi(model.initial(1)), path(model, phi) {}
  hyper::Model<float> make() {
    hyper::add_model_sections(schema);
    return hyper::make_model<float>(Deck(schema, "[inr.siren]\nwidth = 8\n", "t.toml"), facts);
  }
};

}  // namespace

TEST(Errors, FollowTheirDefinitions) {
  const std::vector<float> truth{3, 4, 0, 0}, guess{3, 4, 1, -2};
  const auto e = frame_error(guess, truth);
  EXPECT_DOUBLE_EQ(e.mse, 5.0 / 4);
  EXPECT_DOUBLE_EQ(e.relative_l2, std::sqrt(5.0) / 5);
  EXPECT_DOUBLE_EQ(e.max, 2);
  EXPECT_DOUBLE_EQ(frame_error(truth, truth).relative_l2, 0);
  EXPECT_DOUBLE_EQ(frame_error(truth, std::vector<float>(4)).relative_l2, 5);
}

TEST(Windows, FollowTheTrainingSplit) {
  const auto facts = facts_of(synthetic::layout(24, 31, 1));
  EXPECT_EQ(window_of(facts, 0.1), Window::fitted);
  EXPECT_EQ(window_of(facts, 0.2), Window::held_out);
  EXPECT_EQ(window_of(facts, 0.25), Window::held_out);
  EXPECT_EQ(window_of(facts, 1.0), Window::fitted);
  EXPECT_EQ(window_of(facts, 1.1), Window::out_t);
  EXPECT_EQ(window_of(facts, -0.1), Window::out_t);
}

TEST(Baselines, AreWhatTheyAreCalled) {
  const Comm& world = test_world();
  const auto folder = synthetic::folder(world, "baselines");
  const auto layout = synthetic::layout(24, 31, 1);
  synthetic::write(world, folder, layout);
  const auto facts = facts_of(layout);
  Room room(world);
  {
    const Reference reference(room.context, folder, facts);
    ASSERT_EQ(reference.times().size(), 31u);
    EXPECT_EQ(reference.find(0.5).value(), 5u);
    EXPECT_FALSE(reference.find(0.55).has_value());
    const auto all = baselines(reference, facts, {});
    ASSERT_EQ(all.size(), 4u);
    std::vector<Forecaster*> forecasters;
    for (const auto& one : all) forecasters.push_back(one.get());
    const auto table = compare(room.context, reference, facts, reference.times(), forecasters);
    EXPECT_EQ(table.names, (std::vector<std::string>{"persistence", "zero", "time_mean", "dmd"}));
    EXPECT_DOUBLE_EQ(table.errors[0][10].relative_l2, 0) << "persistence at the last In-t frame";
    EXPECT_GT(table.errors[0][30].relative_l2, 0.1);
    for (const auto& e : table.errors[1]) EXPECT_NEAR(e.relative_l2, 1, 1e-12) << "zero";
    std::vector<float> mean(24), expected(24);
    all[2]->forecast(0, 0, mean);
    for (int k = 0; k <= 10; ++k)
      for (int i = 0; i < 24; ++i) expected[i] += reference.frame(0, k)[i] / 11;
    for (int i = 0; i < 24; ++i) EXPECT_NEAR(mean[i], expected[i], 1e-6);
    EXPECT_LT(table.errors[3][30].relative_l2, 1e-4) << "dmd: the wave is a sum of damped oscillations";
    const auto some = compare(room.context, reference, facts, {0.5, 0.55, 2.0}, forecasters);
    ASSERT_EQ(some.times.size(), 2u) << "0.55 is not a frame of the reference";
    EXPECT_EQ(some.errors[3][1].relative_l2, table.errors[3][20].relative_l2);
    const std::string text = summary(table, 0.1);
    EXPECT_NE(text.find("persistence"), std::string::npos);
    EXPECT_NE(text.find("never"), std::string::npos) << text;
  }
  world.barrier();
  if (world.is_root()) std::filesystem::remove_all(folder);
}

TEST(Grid, RefinementKeepsTheDomain) {
  const std::vector<io::Axis> axes{{"x", {0, 0.25, 0.5, 0.75}, io::Boundary::periodic},
                                   {"y", {0, 0.5, 1}, io::Boundary::dirichlet},
                                   {"z", {0.25, 0.75}, io::Boundary::neumann}};
  const auto fine = refined(axes, 2);
  for (int k = 0; k < 3; ++k) {
    EXPECT_NEAR(fine[k].lower(), axes[k].lower(), 1e-14) << k;
    EXPECT_NEAR(fine[k].length(), axes[k].length(), 1e-14) << k;
  }
  EXPECT_EQ(fine[0].points.size(), 8u);
  EXPECT_EQ(fine[1].points.size(), 5u);
  EXPECT_EQ(fine[2].points.size(), 4u);
  EXPECT_NEAR(fine[2].points[0], 0.125, 1e-14);
}

TEST(Output, FramesDoNotDependOnRanksAndPointsAgreeWithFrames) {
  const Comm& world = test_world();
  const auto folder = synthetic::folder(world, "output");
  Small small;
  Room room(world), alone(MPI_COMM_SELF);
  const std::vector<double> times{0, 0.35, 0.5, 1.5, 2};
  ASSERT_TRUE(
      write_frames(room.context, small.model, small.path, small.facts.axes, times, folder / "all.hdf5", {}));
  const auto mine = folder / ("alone" + std::to_string(world.rank()) + ".hdf5");
  ASSERT_TRUE(write_frames(alone.context, small.model, small.path, small.facts.axes, times, mine, {}));
  const io::TrajectoryReader a(world, folder / "all.hdf5"), b(alone.comm, mine);
  std::vector<float> together(5 * 48), single(5 * 48);
  a.read(0, {0, 5}, together);
  b.read(0, {0, 5}, single);
  EXPECT_EQ(together, single);
  const auto points = hyper::grid_points(small.facts.axes);
  Fields direct(small.model, small.path, std::span(points).subspan(7, 1));
  std::vector<float> value(2);
  direct.forecast(0, 1.5, value);
  EXPECT_NEAR(value[0], together[3 * 48 + 14], 1e-5);
  EXPECT_NEAR(value[1], together[3 * 48 + 15], 1e-5);
  world.barrier();
  if (world.is_root()) std::filesystem::remove_all(folder);
}

TEST(Output, AForecastThatIsNotFiniteIsRefusedByAllRanks) {
  const Comm& world = test_world();
  const auto folder = synthetic::folder(world, "finite");
  Small small;
  Room room(world);
  const std::vector<double> times{0.1, 0.2, 1e300};  // met by one rank
  try {
    write_frames(room.context, small.model, small.path, small.facts.axes, times, folder / "far.hdf5", {});
    ADD_FAILURE() << "a forecast of NaN went unnoticed";
  } catch (const UserError& error) {
    EXPECT_EQ(error.code(), Exit::diverged);
  }
  EXPECT_THROW(
      write_points(room.context, small.model, small.path, 0, {0.1, 0.5, 1e300, 0.5}, folder / "p.hdf5", {}),
      UserError);
  world.barrier();
  if (world.is_root()) std::filesystem::remove_all(folder);
}

TEST(Windows, AWindowOfOneFrameIsOneFrame) {
  auto facts = facts_of(synthetic::layout(24, 31, 1));
  facts.window_end = facts.window_start;
  facts.train_times = {0};
  facts.held_out_times = {};
  facts.frame_interval = 0;
  EXPECT_EQ(window_of(facts, 0), Window::fitted);
  EXPECT_EQ(window_of(facts, 0.05), Window::out_t);
  EXPECT_EQ(facts.scaled(0.5), 0.5);
}

TEST(Output, PointsDoNotDependOnRanks) {
  const Comm& world = test_world();
  const auto folder = synthetic::folder(world, "points");
  Small small;
  Room room(world), alone(MPI_COMM_SELF);
  std::vector<double> rows;
  for (int i = 0; i < 301; ++i) rows.insert(rows.end(), {i < 290 ? 0.5 : 0.1 * (i % 3), 0.02 * i});
  ASSERT_TRUE(write_points(room.context, small.model, small.path, 0, rows, folder / "all.hdf5", {}));
  const auto mine = folder / ("alone" + std::to_string(world.rank()) + ".hdf5");
  ASSERT_TRUE(write_points(alone.context, small.model, small.path, 0, rows, mine, {}));
  const auto bytes = [](const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  EXPECT_EQ(bytes(folder / "all.hdf5"), bytes(mine));
  world.barrier();
  if (world.is_root()) std::filesystem::remove_all(folder);
}

TEST(Output, PlacesAndFunctionsTheModelDoesNotKnowAreRefused) {
  hyper::ModelFacts facts = facts_of(synthetic::layout(8, 3, 1));
  facts.condition = hyper::Condition::index;
  check_condition(facts, 10);
  EXPECT_THROW(check_condition(facts, 11), UserError);
  EXPECT_THROW(check_condition(facts, 1.5), UserError);
  facts.condition = hyper::Condition::time;
  check_condition(facts, 1e6);
}

namespace {

// H(t, mu) of one parameter, trained on [0, 1] in t and [1, 3] in mu.
struct Parametric {
  Schema schema;
  hyper::ModelFacts facts = facts_of(synthetic::layout(24, 31, 1));
  hyper::Model<float> model;
  Buffer<float> phi;
  Parametric() : model(make()), phi(model.initial(1)) {}
  hyper::Model<float> make() {
    facts.parameters = {{"speed", 2, 1}};
    hyper::add_model_sections(schema);
    const std::string text = "[inr.siren]\nwidth = 8\n[condition]\nparameters = [\"speed\"]\n";
    return hyper::make_model<float>(Deck(schema, text, "t.toml"), facts);
  }
};

}  // namespace

TEST(DirectPath, TakesTheParametersOfTheUserOrOfTheReference) {
  const Comm& world = test_world();
  const auto folder = synthetic::folder(world, "parametric");
  auto layout = synthetic::layout(24, 31, 1, 3);
  layout.parameters = {{"depth", 7}, {"speed", 1.5}};
  synthetic::write(world, folder, layout);
  Parametric one;
  Room room(world);
  {
    const Reference all(room.context, folder, one.facts), last(room.context, folder, one.facts, 2);
    EXPECT_EQ(all.trajectories(), 3);
    ASSERT_EQ(last.trajectories(), 1);
    EXPECT_EQ(last.frame(0, 4)[3], all.frame(2, 4)[3]);
    EXPECT_THROW(Reference(room.context, folder, one.facts, 3), UserError);

    Direct theirs(one.model, one.phi), mine(one.model, one.phi, {2.5});
    EXPECT_THROW(theirs.prepare(1, nullptr), UserError) << "nobody tells the speed";
    ASSERT_TRUE(theirs.prepare(1, &all));
    ASSERT_TRUE(mine.prepare(1, &all));
    EXPECT_EQ(theirs.trajectories(), 3);
    EXPECT_EQ(mine.trajectories(), 1);
    using Named = std::vector<std::pair<std::string, double>>;
    EXPECT_EQ(theirs.parameters(1), (Named{{"speed", 1.5}}));
    EXPECT_EQ(mine.parameters(0), (Named{{"speed", 2.5}}));
    const Buffer<float> c{0.5f, 0.5f};  // t = 0.5 of [0, 1], (2.5 - 2) / 1
    EXPECT_EQ(mine.weights(0, 0, 0.5), one.model.hypernetwork.weights(one.phi, c));
    EXPECT_NE(mine.weights(0, 0, 0.5), theirs.weights(0, 0, 0.5));
  }
  world.barrier();
  if (world.is_root()) std::filesystem::remove_all(folder);
}
