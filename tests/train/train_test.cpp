#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

#include "../nn/gradient_check.hpp"
#include "io/checkpoint.hpp"
#include "room.hpp"
#include "synthetic.hpp"
#include "test_world.hpp"
#include "train/batch.hpp"
#include "train/evaluate.hpp"
#include "training.hpp"

using namespace hypercast;
using namespace hypercast::train;
using namespace training;

TEST(Ranks, EveryModelTrainsToTheSameBitsOnAnyNumberOfRanks) {
  const Comm& world = test_world();
  const auto folder = synthetic::folder(world, "train_ranks");
  synthetic::write(world, folder, synthetic::layout(32, 11, 2, 3));
  for (const auto& encoder : hyper::encoder_registry().names()) {
    for (const auto& head : hyper::head_registry().names()) {
      const Trained alone = run_on(MPI_COMM_SELF, folder, encoder, head, small_options());
      const Trained together = run_on(world, folder, encoder, head, small_options());
      EXPECT_EQ(alone.loss, together.loss) << encoder << " " << head;
      EXPECT_EQ(alone.gradient, together.gradient) << encoder << " " << head;
      EXPECT_EQ(alone.phi, together.phi) << encoder << " " << head;
      EXPECT_EQ(alone.error, together.error) << encoder << " " << head;
      EXPECT_TRUE(std::isfinite(alone.loss));
      const Trained on_small_nodes = run_on(world, folder, encoder, head, small_options(), 2);
      EXPECT_EQ(alone.phi, on_small_nodes.phi) << encoder << " " << head << ", two ranks a node";
    }
  }
  world.barrier();
  if (world.is_root()) std::filesystem::remove_all(folder);
}

// Sizes far below those of a register.
TEST(Ranks, TinyNetworksToo) {
  const Comm& world = test_world();
  const auto folder = synthetic::folder(world, "train_tiny");
  synthetic::write(world, folder, synthetic::layout(5, 11, 1));
  for (const auto& head : hyper::head_registry().names()) {
    const Trained alone = run_on(MPI_COMM_SELF, folder, "time_fourier", head, small_options(), 0, 3);
    const Trained together = run_on(world, folder, "time_fourier", head, small_options(), 0, 3);
    EXPECT_EQ(alone.gradient, together.gradient) << head;
    EXPECT_EQ(alone.phi, together.phi) << head;
  }
  world.barrier();
  if (world.is_root()) std::filesystem::remove_all(folder);
}

// The grid follows from the deck and the ranks, the bits from the deck alone.
TEST(Ranks, ReplicasTrainToTheSameBits) {
  const Comm& world = test_world();
  const auto folder = synthetic::folder(world, "train_replicas");
  synthetic::write(world, folder, synthetic::layout(32, 11, 2, 3));
  for (const auto& head : hyper::head_registry().names())
    for (const auto& trunk : {"replicated", "data_parallel"})
      for (const int replicas : {2, 3, 4}) {
        const std::string what = head + " " + trunk + " " + std::to_string(replicas);
        auto options = small_options();
        options.trunk = trunk;
        options.replicas = replicas;
        const Trained alone = run_on(MPI_COMM_SELF, folder, "time_fourier", head, options);
        const Trained together = run_on(world, folder, "time_fourier", head, options);
        EXPECT_EQ(alone.loss, together.loss) << what;
        EXPECT_EQ(alone.gradient, together.gradient) << what;
        EXPECT_EQ(alone.norm, together.norm) << what;
        EXPECT_EQ(alone.phi, together.phi) << what;
        EXPECT_EQ(alone.error, together.error) << what;
        EXPECT_EQ(alone.phi, run_on(world, folder, "time_fourier", head, options, 2).phi) << what;
        // The gradient is that of one replica, summed in another order.
        options.replicas = 1;
        const Trained one = run_on(world, folder, "time_fourier", head, options);
        EXPECT_EQ(one.loss, together.loss) << what;
        EXPECT_NEAR(one.norm, together.norm, 1e-5 * one.norm) << what;
        ASSERT_EQ(one.gradient.size(), together.gradient.size());
        for (std::size_t i = 0; i < one.gradient.size(); ++i)
          ASSERT_NEAR(one.gradient[i], together.gradient[i], 1e-5 * one.norm) << what << " " << i;
      }
  world.barrier();
  if (world.is_root()) std::filesystem::remove_all(folder);
}

TEST(Ranks, MoreReplicasThanLeavesAreRefused) {
  const Comm& world = test_world();
  const auto folder = synthetic::folder(world, "train_many_replicas");
  synthetic::write(world, folder, synthetic::layout(8, 11, 1));
  auto options = small_options();
  options.replicas = 5;  // of 4 leaves
  EXPECT_THROW(run_on(world, folder, "time_fourier", "full", options), UserError);
  world.barrier();
  if (world.is_root()) std::filesystem::remove_all(folder);
}

// Encoder and trunk by leaves: the same bits on any ranks, and those of replicated ones up to rounding.
TEST(Ranks, DataParallelTrunksTrainToTheSameBits) {
  const Comm& world = test_world();
  const auto folder = synthetic::folder(world, "train_trunk");
  synthetic::write(world, folder, synthetic::layout(32, 11, 2, 3));
  auto options = small_options();
  options.trunk = "data_parallel";
  for (const auto& encoder : hyper::encoder_registry().names()) {
    const Trained alone = run_on(MPI_COMM_SELF, folder, encoder, "full", options);
    for (const int ranks_per_node : {0, 1, 2})
      EXPECT_EQ(alone.phi, run_on(world, folder, encoder, "full", options, ranks_per_node).phi) << encoder;
    const Trained replicated = run_on(MPI_COMM_SELF, folder, encoder, "full", small_options());
    EXPECT_EQ(alone.loss, replicated.loss) << encoder;
    double difference = 0;
    for (std::size_t i = 0; i < alone.gradient.size(); ++i)
      difference += std::pow(alone.gradient[i] - replicated.gradient[i], 2);
    EXPECT_LT(std::sqrt(difference), 1e-6 * alone.norm) << encoder;
  }
  world.barrier();
  if (world.is_root()) std::filesystem::remove_all(folder);
}

// Without clipping the map's rows are moved as soon as they have been used; with it, in a pass of their own.
TEST(Clipping, ThatNeverHappensChangesNoBit) {
  const Comm& world = test_world();
  const auto folder = synthetic::folder(world, "train_clip");
  synthetic::write(world, folder, synthetic::layout(32, 11, 2, 3));
  for (const auto& head : hyper::head_registry().names()) {
    auto options = small_options();
    options.clip = 0;
    const Trained free = run_on(world, folder, "time_fourier", head, options);
    options.clip = 1e9;
    EXPECT_EQ(free.phi, run_on(world, folder, "time_fourier", head, options).phi) << head;
    options.clip = 1e-3;
    EXPECT_NE(free.phi, run_on(world, folder, "time_fourier", head, options).phi) << head;
  }
  world.barrier();
  if (world.is_root()) std::filesystem::remove_all(folder);
}

// The norm that comes from products of factors, against that of the gradient in full.
TEST(Clipping, TheNormIsThatOfTheWholeGradient) {
  const Comm& world = test_world();
  const auto folder = synthetic::folder(world, "train_norm");
  synthetic::write(world, folder, synthetic::layout(32, 11, 2, 3));
  for (const auto& head : hyper::head_registry().names()) {
    const Trained trained = run_on(world, folder, "time_fourier", head, small_options());
    EXPECT_NEAR(trained.norm / nn::norm<float>(trained.gradient), 1, 1e-6) << head;
  }
  world.barrier();
  if (world.is_root()) std::filesystem::remove_all(folder);
}

namespace {

// Sees whether tiny numbers are flushed while it is minimised.
class TinyNumbers final : public SmallObjective {
 public:
  explicit TinyNumbers(const Comm& comm) : SmallObjective(comm, 1) {}
  double compute(std::int64_t, std::span<const float>, std::span<float> dw) override {
    volatile float small = std::numeric_limits<float>::min();
    flushed = flushed && small * 0.5f == 0.0f;
    dw[0] = 1;
    return 1;
  }
  double validate(std::span<const float>) override { return 1; }
  std::string validated_on() const override { return "nothing"; }
  bool flushed = true;
};

}  // namespace

TEST(Loop, FlushesDenormalsWhileItRuns) {
  Room room(MPI_COMM_SELF);
  TinyNumbers objective(room.comm);
  LoopOptions options;
  options.steps = 3;
  State state(Buffer<float>(1));
  Loop loop(
      room.context, objective, options, 1e9, [](const State&) { return ""; }, nullptr);
  EXPECT_EQ(loop.run(state), Exit::ok);
  EXPECT_TRUE(objective.flushed);
  volatile float small = std::numeric_limits<float>::min();
  EXPECT_GT(small * 0.5f, 0.0f);
}

TEST(Batch, EveryEpochSeesEveryFrameOnce) {
  std::multiset<int> seen;
  for (int step = 0; step < 10; ++step)
    for (const int frame : draw_frames(5, step, 7, 35)) seen.insert(frame);
  for (int frame = 0; frame < 35; ++frame) EXPECT_EQ(seen.count(frame), 2u) << frame;
  EXPECT_EQ(draw_frames(5, 3, 40, 4), (std::vector<int>{0, 1, 2, 3}));
  EXPECT_NE(draw_frames(5, 0, 7, 35), draw_frames(6, 0, 7, 35));
}

TEST(Batch, PointsDifferBetweenStepsAndLeavesAndStayInRange) {
  const auto a = draw_points(1, 0, 0, 64, 100), b = draw_points(1, 0, 1, 64, 100),
             c = draw_points(1, 1, 0, 64, 100);
  EXPECT_NE(a, b);
  EXPECT_NE(a, c);
  EXPECT_EQ(a, draw_points(1, 0, 0, 64, 100));
  for (const auto i : a) EXPECT_LT(i, 100u);
  EXPECT_TRUE(draw_points(1, 0, 0, 100, 100).empty());
  EXPECT_TRUE(draw_points(1, 0, 0, 0, 100).empty());
}

TEST(Dataset, NormalisesOverFittedFramesAndHoldsOutTheRest) {
  const Comm& world = test_world();
  const auto folder = synthetic::folder(world, "dataset");
  synthetic::write(world, folder, synthetic::layout(24, 11, 2));
  Room room(world);
  DataOptions options;
  options.window_frames = 10;
  const Dataset data(room.context, window_frames(room.comm, folder, options, hyper::Condition::time), options,
                     hyper::Condition::time);
  EXPECT_EQ(data.split().held_out, (std::vector<int>{2, 7}));
  EXPECT_EQ(data.split().fitted.size(), 8u);
  EXPECT_NEAR(data.facts().window_end, 0.9, 1e-6);
  for (int c = 0; c < 2; ++c) {
    double sum = 0, squares = 0;
    for (const int k : data.split().fitted)
      for (std::size_t i = c; i < data.frame_size(); i += 2) {
        sum += data.frame(k)[i];
        squares += data.frame(k)[i] * data.frame(k)[i];
      }
    EXPECT_NEAR(sum / (8 * 24), 0, 1e-5);
    EXPECT_NEAR(squares / (8 * 24), 1, 1e-5);
  }
  const double back = data.facts().mean[1] + data.facts().scale[1] * data.frame(4)[2 * 5 + 1];
  EXPECT_NEAR(back, synthetic::wave(0.4, 2 * M_PI * 5 / 24, 1), 1e-5);
  world.barrier();
  if (world.is_root()) std::filesystem::remove_all(folder);
}

TEST(Dataset, RefusesWhatCannotBeLearned) {
  const Comm& world = test_world();
  const auto folder = synthetic::folder(world, "dataset_bad");
  synthetic::write(world, folder, synthetic::layout(24, 6, 1), 3, std::numeric_limits<float>::quiet_NaN());
  Room room(world);
  const auto code = [&](const DataOptions& options) {
    try {
      const Dataset data(room.context, window_frames(room.comm, folder, options, hyper::Condition::time),
                         options, hyper::Condition::time);
    } catch (const UserError& error) {
      return error.code();
    }
    return Exit::ok;
  };
  EXPECT_EQ(code({}), Exit::data) << "NaN";
  DataOptions options;
  options.window_frames = 3;  // the NaN lies beyond
  EXPECT_EQ(code(options), Exit::ok);
  options.window_frames = 7;
  EXPECT_EQ(code(options), Exit::data) << "more frames than there are";
  options.window_frames = 3;
  options.trajectory = 1;
  EXPECT_EQ(code(options), Exit::data) << "no such trajectory";
  options.trajectory = 0;
  options.hold_out_every = 1;
  options.hold_out_offset = 0;
  EXPECT_EQ(code(options), Exit::data) << "nothing left to fit";
  world.barrier();
  if (world.is_root()) std::filesystem::remove_all(folder);
}

TEST(Loop, ALossThatIsNotFiniteStopsEveryRankAndKeepsTheState) {
  const Comm& world = test_world();
  const auto folder = synthetic::folder(world, "nan");
  synthetic::write(world, folder, synthetic::layout(16, 8, 1));
  Room room(world);
  const Schema schema = schema_of_models();
  const Deck deck = deck_for(schema, "time_fourier", "full");
  const Dataset data(room.context, window_frames(room.comm, folder, {}, hyper::Condition::time), {},
                     hyper::Condition::time);
  const auto model = hyper::make_model<float>(deck, data.facts());
  auto options = small_options();
  FrameLoss loss(room.context, data, model, options);
  State state = part_of(loss.shards(), State(model.initial(0)));
  state.phi.back() = std::numeric_limits<float>::infinity();
  bool saved = false;
  Loop loop(
      room.context, loss, options, 1e9,
      [&](const State&) {
        saved = true;
        return "";
      },
      nullptr);
  try {
    loop.run(state);
    ADD_FAILURE() << "trained on";
  } catch (const UserError& error) {
    EXPECT_EQ(error.code(), Exit::diverged) << error.what();
  }
  EXPECT_EQ(state.step, 0);
  EXPECT_FALSE(saved) << "a broken state must not become a checkpoint";
  world.barrier();
  if (world.is_root()) std::filesystem::remove_all(folder);
}

TEST(State, RoundTripAndRefusalOfAnotherModel) {
  const Schema schema = schema_of_models();
  const Deck full = deck_for(schema, "time_fourier", "full"),
             last = deck_for(schema, "time_fourier", "last_layer");
  hyper::ModelFacts facts;
  facts.channels = {"u"};
  facts.mean = {0};
  facts.scale = {1};
  facts.axes = synthetic::layout(8, 2, 1).axes;
  const auto model = hyper::make_model<float>(full, facts);
  State state(model.initial(3));
  state.step = 41;
  state.first_moment[1] = 0.5f;
  const auto archive = to_archive(state, {hyper::model_deck(full), hyper::layout_text(model), facts, {}});
  const State back = from_archive(archive, "file", hyper::model_deck(full), facts);
  EXPECT_EQ(back.step, 41);
  EXPECT_EQ(back.phi, state.phi);
  EXPECT_EQ(back.first_moment, state.first_moment);
  auto other = facts;
  other.window_end = 2;
  EXPECT_THROW(from_archive(archive, "file", hyper::model_deck(full), other), UserError) << "other data";
  EXPECT_EQ(parameters(archive, "file", hyper::model_deck(full), other), state.phi);
  try {
    from_archive(archive, "file", hyper::model_deck(last), facts);
    FAIL();
  } catch (const UserError& error) {
    EXPECT_EQ(error.code(), Exit::refused);
  }
}
