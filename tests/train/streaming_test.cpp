// Frames that do not fit in memory: the order in which they come up, what is in memory, and that nothing but
// the order differs from frames that all are.

#include <gtest/gtest.h>

#include <cmath>
#include <regex>
#include <set>

#include "room.hpp"
#include "synthetic.hpp"
#include "test_world.hpp"
#include "train/batch.hpp"
#include "train/code_start.hpp"
#include "train/frame_loss.hpp"
#include "train/loop.hpp"
#include "train/representation.hpp"

using namespace hypercast;
using namespace hypercast::train;

namespace {

std::vector<int> frames_in(const std::vector<Schedule::Stretch>& stretches) {
  std::vector<int> frames;
  for (const auto& stretch : stretches)
    frames.insert(frames.end(), stretch.frames.begin(), stretch.frames.end());
  return frames;
}

// The frames of an epoch in the order of its batches, from a schedule made for each step.
std::vector<int> epoch_of(int epoch, int batch, int total, Blocks blocks) {
  std::vector<int> order;
  for (int at = epoch * total; at < (epoch + 1) * total; ++at)
    order.push_back(frames_in(Schedule(7, batch, total, blocks).draw(at / batch))[at % batch]);
  return order;
}

}  // namespace

TEST(Schedule, EveryEpochSeesEveryFrameOnce) {
  for (const Blocks blocks : {Blocks{5, 4}, Blocks{5, 1}, Blocks{1, 2}, Blocks{10, 3}, Blocks{}})
    for (int epoch = 0; epoch < 3; ++epoch) {
      auto order = epoch_of(epoch, 7, 103, blocks);
      std::sort(order.begin(), order.end());
      for (int k = 0; k < 103; ++k) ASSERT_EQ(order[k], k) << blocks.size << " " << blocks.window;
    }
}

TEST(Schedule, AnEpochGoesThroughWindowsOfWholeBlocksInRandomOrder) {
  const Blocks blocks{5, 4};
  Schedule schedule(7, 7, 103, blocks);
  ASSERT_EQ(schedule.windows(), 6) << "21 blocks, four at a time";
  std::set<std::vector<int>> first_windows;
  for (int epoch = 0; epoch < 4; ++epoch) {
    const auto order = epoch_of(epoch, 7, 103, blocks);
    std::size_t at = 0;
    for (int w = 0; w < schedule.windows(); ++w) {
      const auto window = schedule.frames_of(epoch, w);
      std::set<int> whole;
      for (const int frame : window) whole.insert(frame / 5);
      EXPECT_GE(whole.size(), 3u);
      EXPECT_LE(whole.size(), 4u);
      for (const int block : whole)
        for (int k = 5 * block; k < std::min(103, 5 * block + 5); ++k)
          EXPECT_TRUE(std::binary_search(window.begin(), window.end(), k));
      std::vector<int> came(order.begin() + at, order.begin() + at + window.size());
      EXPECT_NE(came, window) << "in random order";
      std::sort(came.begin(), came.end());
      EXPECT_EQ(came, window);
      at += window.size();
      if (w == 0) first_windows.insert(window);
    }
    EXPECT_EQ(at, order.size());
  }
  EXPECT_EQ(first_windows.size(), 4u) << "epochs differ";
}

TEST(Schedule, AWindowOfEverythingIsARandomPermutation) {
  for (int step = 0; step < 40; ++step)
    EXPECT_EQ(frames_in(Schedule(3, 7, 103, {5, 21}).draw(step)), draw_frames(3, step, 7, 103)) << step;
}

TEST(FramePlan, FollowsFromTheRoom) {
  const FrameDemand demand{1000, 800, 10};
  EXPECT_FALSE(plan_for(demand, 1000)->streamed());
  const auto plan = plan_for(demand, 330);
  EXPECT_EQ(plan->spare, 10u);
  EXPECT_EQ(plan->blocks.size, 10);
  EXPECT_EQ(plan->blocks.window, 32);
  const auto least = plan_for(demand, 20);
  EXPECT_EQ(least->blocks.size, 1);
  EXPECT_EQ(least->blocks.window, 10);
  EXPECT_FALSE(plan_for(demand, 19)) << "two batches";
  EXPECT_FALSE(plan_for({1000, 1000, 10, 50}, 49)) << "a trajectory";
  EXPECT_TRUE(plan_for({1000, 1000, 10, 50}, 50));
  EXPECT_TRUE(plan_for({1000, 1000, 10, 1, true}, 10)) << "one batch, which is read for itself";
}

TEST(FramePlan, SaysHowMuchIsEnough) {
  Schema schema;
  add_train_sections(schema);
  const Deck deck(schema, "[data]\nmemory = 0.5\n", "test.toml");
  const std::size_t frame_size = 3 << 16;  // 0.75 MiB
  for (const auto& [fitted, valid] : {std::pair{FrameDemand{1000, 800, 10}, FrameDemand{}},
                                      {FrameDemand{1000, 1000, 10, 50}, FrameDemand{100, 100, 0, 50}},
                                      {FrameDemand{100, 100, 10, 5}, FrameDemand{900, 900, 0, 5}}}) {
    double enough = 0;
    try {
      plan_frames(deck, 0.5, frame_size, fitted, valid);
      FAIL();
    } catch (const UserError& error) {
      EXPECT_EQ(error.code(), Exit::data);
      std::smatch found;
      const std::string text = error.what();
      ASSERT_TRUE(std::regex_search(text, found, std::regex("memory: at least ([0-9.]+) MiB"))) << text;
      enough = std::stod(found[1]);
    }
    const auto plans = plan_frames(deck, enough, frame_size, fitted, valid);
    EXPECT_TRUE(plans.fitted.streamed());
    EXPECT_LE(static_cast<double>(plans.fitted.room + plans.valid.room) * 0.75, enough);
    EXPECT_GE(plans.valid.room, valid.together * (valid.samples > 0));
    EXPECT_THROW(plan_frames(deck, enough - 0.75, frame_size, fitted, valid), UserError);
    EXPECT_FALSE(plan_frames(deck, 0, frame_size, fitted, valid).fitted.streamed());
    EXPECT_FALSE(plan_frames(deck, 1e300, frame_size, fitted, valid).fitted.streamed());
  }
}

namespace {

const hyper::Conditioning of_codes{hyper::Condition::code, {}};

Schema schema_of_models() {
  Schema schema;
  hyper::add_model_sections(schema);
  return schema;
}

Deck deck_for(const Schema& schema, const std::string& head) {
  return Deck(
      schema,
      "[inr.siren]\nwidth = 8\ndepth = 2\n[condition]\nencoder = \"code\"\n[condition.code]\nsize = 2\n"
      "[hypernetwork]\nwidth = 6\nhead = \"" +
          head + "\"\n[hypernetwork.low_rank]\nrank = 2\n",
      "test.toml");
}

hyper::Observed masks_of(int trajectories) {
  hyper::Observed observed{0.5, {}};
  for (std::uint32_t b = 0; b < static_cast<std::uint32_t>(trajectories); ++b)
    observed.masks.push_back({b, b + 3, b + 4, b + 9});
  return observed;
}

// Eleven frames of six trajectories, and how they are streamed.
class Streaming : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = synthetic::folder(test_world(), "streaming");
    synthetic::write(test_world(), folder_, synthetic::layout(16, 11, 2, 6));
  }
  void TearDown() override {
    test_world().barrier();
    if (test_world().is_root()) std::filesystem::remove_all(folder_);
  }
  hyper::FrameList list(const Comm& comm, const hyper::Conditioning& condition = of_codes) const {
    return window_frames(comm, folder_, {}, condition);
  }

  const FramePlan plan_{19, 7, {3, 4}};
  std::filesystem::path folder_;
};

}  // namespace

TEST_F(Streaming, ValuesAreThoseInMemory) {
  for (const int ranks_per_node : {0, 2}) {
    Room room(test_world(), ranks_per_node);
    for (const auto& observed : {hyper::Observed{}, masks_of(6)}) {
      const Dataset whole(room.context, list(room.comm), {}, of_codes, observed);
      const Dataset data(room.context, list(room.comm), {}, of_codes, observed, nullptr, plan_);
      EXPECT_EQ(data.facts().mean, whole.facts().mean);
      EXPECT_EQ(data.facts().scale, whole.facts().scale);
      EXPECT_EQ(data.store().frames_read(), 66) << "once";
      std::vector<int> samples(66), seen;
      for (int k = 0; k < 66; ++k) samples[k] = 65 - k;
      for (const std::size_t together : {1, 11}) {
        seen.clear();
        data.visit(samples, together, [&](std::span<const int> part) {
          EXPECT_EQ(part.size() % together, 0u);
          EXPECT_LE(part.size(), together == 1 ? 7u : 19u);
          for (const int sample : part) {
            seen.push_back(sample);
            EXPECT_EQ(data.mean_square(sample), whole.mean_square(sample));
            for (std::size_t i = 0; i < data.frame_size(); ++i)
              ASSERT_EQ(data.frame(sample)[i], whole.frame(sample)[i]) << sample;
          }
        });
        EXPECT_EQ(seen, samples);
      }
      EXPECT_THROW(data.frame(0), Error) << "is no longer there";
    }
  }
}

TEST_F(Streaming, FramesOfABatchAreThereAndEachIsReadOnceAnEpoch) {
  Room room(test_world());
  const Schema schema = schema_of_models();
  const Deck deck = deck_for(schema, "full");
  const Dataset whole(room.context, list(room.comm), {}, of_codes);
  const auto model = hyper::make_auto_decoder<float>(deck, whole.facts());
  TrainOptions options;
  options.batch = 7;
  options.frames_per_leaf = 2;
  // Windows of twelve frames, and windows smaller than a batch.
  for (const FramePlan& plan : {plan_, FramePlan{9, 7, {1, 2}}}) {
    const Dataset data(room.context, list(room.comm), {}, of_codes, {}, nullptr, plan);
    Leaves leaves(room.comm, data, model, options);
    const auto before = data.store().frames_read();
    for (int step = 0; step < 66; ++step) {
      for (int again = 0; again < 2; ++again) {  // as when a checkpoint is written
        const auto read = data.store().frames_read();
        leaves.draw(step);
        if (again > 0) {
          EXPECT_EQ(data.store().frames_read(), read) << step;
        }
      }
      const auto expected = frames_in(Schedule(0, 7, 66, plan.blocks).draw(step));
      for (int t = 0; t < 7; ++t) {
        ASSERT_EQ(leaves.sample(t), expected[t]);
        const auto frame = data.frame(expected[t]), truth = whole.frame(expected[t]);
        ASSERT_TRUE(std::equal(frame.begin(), frame.end(), truth.begin())) << step << " " << t;
      }
    }
    EXPECT_EQ(data.store().frames_read() - before, 7 * 66);
    const Dataset other(room.context, list(room.comm), {}, of_codes, {}, nullptr, plan);
    Leaves resumed(room.comm, other, model, options);
    for (const int step : {9, 2}) {
      resumed.draw(step);
      leaves.draw(step);
      for (int t = 0; t < 7; ++t) {
        ASSERT_EQ(resumed.sample(t), leaves.sample(t));
        EXPECT_EQ(other.frame(resumed.sample(t))[5], whole.frame(resumed.sample(t))[5]);
      }
    }
  }
}

TEST_F(Streaming, LookingAtOtherFramesLeavesTheWindowAlone) {
  Room room(test_world());
  const hyper::Conditioning of_times{hyper::Condition::time, {}};
  const FramePlan plan{6, 2, {2, 2}};  // eleven frames of one trajectory, two of them held out
  const Dataset data(room.context, list(room.comm, of_times), {}, of_times, {}, nullptr, plan);
  const std::vector<int> window{0, 1, 5, 6};
  data.store().load_window(window, {});
  const auto read = data.store().frames_read();
  int parts = 0;
  const std::vector<int> samples{2, 7, 0, 6, 3};
  data.visit(samples, 1, [&](std::span<const int>) { ++parts; });
  EXPECT_EQ(parts, 3);
  EXPECT_EQ(data.store().frames_read() - read, 3) << "the others were there";
  for (const int sample : window) EXPECT_TRUE(data.store().has(sample)) << sample;
  EXPECT_FALSE(data.store().has(2));
}

TEST_F(Streaming, WithPointsOfTheirOwnBatchesAreThoseInMemory) {
  Room room(test_world());
  const Schema schema = schema_of_models();
  const Deck deck = deck_for(schema, "full");
  const Dataset whole(room.context, list(room.comm), {}, of_codes, masks_of(6));
  const Dataset data(room.context, list(room.comm), {}, of_codes, masks_of(6), nullptr, {11, 11, {}});
  const auto model = hyper::make_auto_decoder<float>(deck, whole.facts());
  TrainOptions options;
  options.batch = 7;
  options.frames_per_leaf = 3;
  Leaves leaves(room.comm, data, model, options), expected(room.comm, whole, model, options);
  for (int step = 0; step < 9; ++step) {
    leaves.draw(step);
    expected.draw(step);
    for (std::int64_t l = 0; l < 3; ++l) {
      const Range frames = leaves.frames_of(l);
      const auto x = leaves.take_points(l), others = expected.take_points(l);
      const auto u = leaves.take_targets(frames), truth = expected.take_targets(frames);
      ASSERT_TRUE(std::equal(x.begin(), x.end(), others.begin(), others.end()));
      ASSERT_TRUE(std::equal(u.begin(), u.end(), truth.begin(), truth.end())) << step;
    }
  }
}

TEST_F(Streaming, RatesOfAllPointsAndOfSomeAgree) {
  const auto folder = synthetic::folder(test_world(), "streaming_rates");
  synthetic::write(test_world(), folder, synthetic::layout(256, 11, 2));
  Room room(test_world());
  const hyper::Conditioning of_times{hyper::Condition::time, {}};
  const auto frames = window_frames(room.comm, folder, {}, of_times);
  Dataset whole(room.context, frames, {}, of_times);
  Dataset data(room.context, frames, {}, of_times, {}, nullptr, {6, 2, {2, 2}});
  whole.find_rates(room.comm, 3);
  data.find_rates(room.comm, 3);
  const auto &all = whole.facts().conditions.rates, &some = data.facts().conditions.rates;
  ASSERT_EQ(all.size(), 3u) << "a damped wave, and what stands still";
  ASSERT_EQ(some.size(), 3u);
  for (const auto rate : all) {
    double nearest = INFINITY;
    for (const auto other : some) nearest = std::min(nearest, std::abs(rate - other));
    EXPECT_LT(nearest, 1e-3 * (1 + std::abs(rate)));
  }
  EXPECT_NE(all, some) << "it looked at all points";
  test_world().barrier();
  if (test_world().is_root()) std::filesystem::remove_all(folder);
}

namespace {

struct Trained {
  std::vector<float> phi, start;
  double error;
};

Trained train_on(MPI_Comm parent, const std::filesystem::path& folder, const std::string& head,
                 const FramePlan& plan, int ranks_per_node = 0) {
  Room room(parent, ranks_per_node);
  const Schema schema = schema_of_models();
  const Deck deck = deck_for(schema, head);
  TrainOptions options;
  options.steps = 12;
  options.batch = 7;
  options.frames_per_leaf = 2;
  options.points = 9;
  options.loss = "relative";
  options.validate_every = 5;
  const Dataset data(room.context, window_frames(room.comm, folder, {}, of_codes), {}, of_codes, {}, nullptr,
                     plan);
  const auto model = hyper::make_auto_decoder<float>(deck, data.facts());
  FrameLoss loss(room.context, data, model, options);
  State state = part_of(loss.shards(), State(model.initial(options.seed)));
  const auto start = principal_start(room.context, data, 2);
  Loop loop(
      room.context, loss, options, 1e9, [](const State&) { return ""; }, nullptr);
  EXPECT_EQ(loop.run(state), Exit::ok);
  const double error = loss.validate(state.phi);
  state = gather_everywhere(loss.group(), loss.shards(), state);
  return {{state.phi.begin(), state.phi.end()}, {start.begin(), start.end()}, error};
}

}  // namespace

TEST_F(Streaming, TrainsToTheSameBitsOnAnyNumberOfRanks) {
  for (const std::string head : {"full", "last_layer"}) {
    const auto alone = train_on(MPI_COMM_SELF, folder_, head, plan_);
    for (const int ranks_per_node : {0, 1, 2}) {
      const auto together = train_on(test_world(), folder_, head, plan_, ranks_per_node);
      EXPECT_EQ(alone.phi, together.phi) << head << " " << ranks_per_node;
      EXPECT_EQ(alone.start, together.start) << head << " " << ranks_per_node;
      EXPECT_EQ(alone.error, together.error) << head << " " << ranks_per_node;
    }
    EXPECT_NE(alone.phi, train_on(MPI_COMM_SELF, folder_, head, {}).phi) << "it was not streamed";
  }
}

TEST_F(Streaming, WithAWindowOfEverythingTrainsAsInMemory) {
  const auto whole = train_on(MPI_COMM_SELF, folder_, "full", {});
  const auto streamed = train_on(test_world(), folder_, "full", {66 + 7, 7, {2, 33}});
  EXPECT_EQ(streamed.phi, whole.phi);
  EXPECT_EQ(streamed.error, whole.error);
}

TEST_F(Streaming, CodesAreThoseOfFramesInMemory) {
  Room room(test_world());
  const Schema schema = schema_of_models();
  const Deck deck(
      schema,
      "[inr]\nname = \"fourier\"\n[inr.fourier]\nmax_wavenumber = 3\n[condition]\nencoder = \"code\"\n"
      "[condition.code]\nsize = 2\n[hypernetwork]\nhead = \"last_layer\"\ndepth = 0\n",
      "test.toml");
  const auto codes = [&](const hyper::Observed& observed, const FramePlan& plan) {
    const Dataset data(room.context, list(room.comm), {}, of_codes, observed, nullptr, plan);
    auto model = hyper::make_model<float>(deck, data.facts());
    auto found = linear_representation(room.context, data, model, {}, 2);
    model.facts.codes = found.codes;
    double error = 0;
    const Buffer<double> phi(found.phi.begin(), found.phi.end());
    auto z = encode(room.context, data, hyper::make_model<double>(deck, model.facts), phi, {}, error);
    const auto facts = code_facts(room.context, data, model, found.phi, z);
    return std::tuple(z, error, found.codes.noise, facts.noise);
  };
  // All points: coefficients without a prior. Few: the prior is learned from all frames.
  for (const auto& observed : {hyper::Observed{}, hyper::Observed{0.5, {{0, 3, 5, 8, 9, 14}}}, masks_of(6)}) {
    const auto whole = codes(observed, {});
    EXPECT_GT(std::get<1>(whole), 0);
    EXPECT_EQ(codes(observed, plan_), whole);
  }
}
