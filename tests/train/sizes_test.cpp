// Trainings of unusual sizes.

#include <gtest/gtest.h>

#include <cmath>

#include "test_world.hpp"
#include "training.hpp"

using namespace hypercast;
using namespace hypercast::train;
using namespace training;

// A step that looks at one point of each leaf; also of two, the fewest that a file may have.
TEST(Ranks, OnePointIsEnough) {
  const Comm& world = test_world();
  for (const int points : {2, 32}) {
    const auto folder = synthetic::folder(world, "train_one_point");
    synthetic::write(world, folder, synthetic::layout(points, 11, 1));
    auto options = small_options();
    options.points = 1;
    for (const auto& head : hyper::head_registry().names()) {
      const Trained alone = run_on(MPI_COMM_SELF, folder, "time_fourier", head, options);
      const Trained together = run_on(world, folder, "time_fourier", head, options);
      EXPECT_EQ(alone.phi, together.phi) << head << " " << points;
      EXPECT_TRUE(std::isfinite(alone.loss) && std::isfinite(alone.error)) << head << " " << points;
      EXPECT_GT(alone.norm, 0) << head << " " << points;
    }
    world.barrier();
    if (world.is_root()) std::filesystem::remove_all(folder);
  }
}

// A layer of 1024 x 1024 weights fills the second cache of most processors.
TEST(Training, NetworksWiderThanTheCachesLearn) {
  const Comm& world = test_world();
  const auto folder = synthetic::folder(world, "train_wide");
  synthetic::write(world, folder, synthetic::layout(32, 11, 1));
  Room room(world);
  const Schema schema = schema_of_models();
  const Deck deck = deck_for(schema, "time_fourier", "full", 1024);
  const Dataset data(room.context, window_frames(room.comm, folder, {}, hyper::Condition::time), {},
                     hyper::Condition::time);
  const auto model = hyper::make_model<float>(deck, data.facts());
  auto options = small_options();
  options.batch = 4;
  options.points = 0;
  options.rate = 1e-4;
  options.steps = 3;
  FrameLoss loss(room.context, data, model, options);
  State state = part_of(loss.shards(), State(model.initial(0)));
  const double before = loss.evaluate(0, state.phi), norm = loss.gradient_norm(state.phi);
  EXPECT_TRUE(std::isfinite(norm) && norm > 0);
  Loop loop(
      room.context, loss, options, 1e9, [](const State&) { return ""; }, nullptr);
  EXPECT_EQ(loop.run(state), Exit::ok);
  EXPECT_LT(loss.evaluate(0, state.phi), 0.95 * before);
  world.barrier();
  if (world.is_root()) std::filesystem::remove_all(folder);
}
