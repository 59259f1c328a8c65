// Latent training as a whole: stage after stage, stopped anywhere, on any number of ranks.

#include "train/latent.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <map>

#include "hyper/latent_file.hpp"
#include "hyper/model_file.hpp"
#include "io/checkpoint.hpp"
#include "io/checkpoint_folder.hpp"
#include "pde/setup.hpp"
#include "synthetic.hpp"
#include "test_world.hpp"
#include "train/options.hpp"
#include "train/train.hpp"

using namespace hypercast;
using namespace hypercast::train;

namespace fs = std::filesystem;

namespace {

// The travelling waves of synthetic.hpp span two components, so two numbers hold a frame.
const std::string common = R"(
[pde]
name = "advection_diffusion"
[grid]
points = [24]
[data]
window_frames = 6
hold_out_every = 0
[inr.siren]
width = 8
depth = 1
[condition]
encoder = "code"
[condition.code]
size = 2
[hypernetwork]
head = "last_layer"
depth = 0
width = 6
[train]
steps = 5
batch = 7
frames_per_leaf = 2
metrics_every = 1
validate_every = 2
warmup = 2
rate = 1e-2
keep_last = 100
[dynamics]
kind = "mlp"
steps = 4
batch = 3
sequences_per_leaf = 2
members = 2
warmup = 2
metrics_every = 1
validate_every = 2
[dynamics.mlp]
width = 5
depth = 1
)";

const std::string decoding = "hypernetwork.head=\"low_rank\"";

class Latent : public testing::Test {
 protected:
  void SetUp() override {
    pde::add_pde_sections(schema_);
    hyper::add_model_sections(schema_);
    add_train_sections(schema_);
    schema_.add<RunOptions>();
    folder_ = synthetic::folder(test_world(), "latent");
    fs::create_directories(folder_ / "set");
    synthetic::write(test_world(), folder_ / "set", synthetic::layout(24, 8, 1, 6));
  }
  void TearDown() override {
    test_world().barrier();
    if (test_world().is_root()) fs::remove_all(folder_);
  }

  // COLLECTIVE over `comm`. Trains in a run folder of that name; `signal` was raised before the first step.
  Exit run(const Comm& comm, const std::string& name, std::vector<std::string> settings, bool resume = false,
           int signal = 0) {
    const Comm node = comm.node();
    const fs::path to = folder_ / name;
    if (comm.is_root()) fs::create_directories(to);
    comm.barrier();
    settings.push_back("data.path=\"" + (folder_ / "set").string() + "\"");
    const Deck deck(schema_, common, "deck.toml", settings);
    const Log log(1);  // says nothing
    Timers timers;
    Signals signals(to, 0, 0);
    const Context context{comm, node, log, timers, signals};
    if (signal != 0) raise(signal);
    std::map<std::string, std::string> flags;
    if (resume) flags["resume"] = "auto";
    return train::train(Study{context, deck, to, flags, "", {}});
  }
  // Exit code of a refusal, whose reason is kept.
  Exit refusal(const std::string& name, std::vector<std::string> settings, bool resume = false) {
    try {
      return run(test_world(), name, std::move(settings), resume);
    } catch (const UserError& error) {
      reason_ = error.what();
      return error.code();
    }
  }
  io::Archive newest(const std::string& name) const {
    auto found = io::newest_valid(Comm::self(), folder_ / name / "ckpt");
    EXPECT_TRUE(found.found.has_value()) << name;
    return std::move(found.found->archive);
  }
  std::string metrics(const std::string& name) const {
    std::ifstream file(folder_ / name / "metrics.csv");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void expect_same(const std::string& one, const std::string& other) {
    const auto a = newest(one), b = newest(other);
    for (const auto& [entry, value] : a.entries()) {
      ASSERT_TRUE(b.entries().contains(entry)) << entry;
      EXPECT_TRUE(value == b.entries().at(entry)) << entry << " of " << one << " and " << other;
    }
    EXPECT_EQ(a.entries().size(), b.entries().size());
    EXPECT_EQ(metrics(one), metrics(other));
  }
  // Its own name on every rank.
  static std::string alone(const std::string& name) { return name + std::to_string(test_world().rank()); }

  Schema schema_;
  fs::path folder_;
  std::string reason_;
};

}  // namespace

TEST_F(Latent, TrainsToTheSameBitsOnAnyNumberOfRanks) {
  const std::vector<std::vector<std::string>> cases = {
      {},
      {decoding},
      {"hypernetwork.depth=1"},
      {"inr.name=\"fourier\"", "dynamics.kind=\"linear\"", "dynamics.members=1"},
      {"data.observed=0.7", "train.points=9", "dynamics.images=3"},
      {"data.observed=0.7", "data.mask=\"trajectory\"", decoding},
      {"data.observed=0.5", "data.mask=\"trajectory\""}};
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const std::string name = "ranks" + std::to_string(i);
    ASSERT_EQ(run(Comm::self(), alone(name), cases[i]), Exit::ok);
    ASSERT_EQ(run(test_world(), name, cases[i]), Exit::ok);
    expect_same(alone(name), name);
  }
}

TEST_F(Latent, EndsWithAModelItsCodesAndItsDynamics) {
  ASSERT_EQ(run(test_world(), "whole", {}), Exit::ok);
  const auto archive = newest("whole");
  const auto model = hyper::get_model(archive);
  const auto dynamics = hyper::get_dynamics(archive);
  ASSERT_TRUE(dynamics.has_value());
  EXPECT_EQ(model.facts.codes.size(), 2u);
  EXPECT_GT(model.facts.codes.noise, 0);
  EXPECT_LT(model.facts.codes.noise, 1);
  EXPECT_EQ(dynamics->members.size(), 2u);
  EXPECT_NE(dynamics->members[0], dynamics->members[1]);
  EXPECT_NEAR(dynamics->interval, 0.1, 1e-6);
  // 5 steps of the basis, 4 of each member, all in one table.
  std::string rows = metrics("whole");
  EXPECT_EQ(std::count(rows.begin(), rows.end(), '\n'), 1 + 5 + 4 + 4) << rows;
  for (int step = 1; step <= 13; ++step)
    EXPECT_NE(rows.find("\n" + std::to_string(step) + ","), std::string::npos) << step;
}

// A wish to stop that is there from the beginning ends every call after one step: 13 stops in all.
TEST_F(Latent, StoppedAfterEveryStepItEndsLikeTheUndisturbed) {
  for (const auto& settings :
       {std::vector<std::string>{}, {decoding}, {"dynamics.kind=\"linear\"", "dynamics.members=1"}}) {
    const std::string name = settings.empty() ? "basis" : settings[0].substr(0, 4);
    ASSERT_EQ(run(test_world(), name, settings), Exit::ok);
    int calls = 1;
    Exit exit = run(test_world(), name + "-stops", settings, false, SIGUSR1);
    while (exit == Exit::again && calls < 20) {
      exit = run(test_world(), name + "-stops", settings, true, SIGUSR1);
      ++calls;
    }
    EXPECT_EQ(exit, Exit::ok);
    EXPECT_GT(calls, 4) << name;
    expect_same(name, name + "-stops");
  }
}

TEST_F(Latent, AFinishedRunIsLeftAsItIs) {
  for (const auto& settings : {std::vector<std::string>{},
                               {"inr.name=\"fourier\"", "dynamics.kind=\"linear\"", "dynamics.members=1"}}) {
    const std::string name = settings.empty() ? "siren" : "fourier";  // which has nothing to learn in steps
    ASSERT_EQ(run(test_world(), name, settings), Exit::ok);
    const auto files = [&] {
      std::map<std::string, fs::file_time_type> all;
      for (const auto& entry : fs::recursive_directory_iterator(folder_ / name))
        if (entry.path().extension() == ".h5" && entry.path().filename() != "metrics.h5")
          all[entry.path().string()] = fs::last_write_time(entry.path());
      return all;
    };
    test_world().barrier();
    const auto before = files();
    const auto rows = metrics(name);
    test_world().barrier();
    ASSERT_EQ(run(test_world(), name, settings, true), Exit::ok);
    EXPECT_EQ(files(), before) << name;
    EXPECT_EQ(metrics(name), rows);
    EXPECT_FALSE(fs::exists(folder_ / name / "previous-1")) << name;
  }
}

TEST_F(Latent, MoreMembersAreAddedToAFinishedRun) {
  ASSERT_EQ(run(test_world(), "three", {"dynamics.members=3"}), Exit::ok);
  ASSERT_EQ(run(test_world(), "more", {"dynamics.members=1"}), Exit::ok);
  ASSERT_EQ(run(test_world(), "more", {"dynamics.members=3"}, true), Exit::ok);
  expect_same("three", "more");
}

TEST_F(Latent, OtherModelsDynamicsAndDataAreNotResumed) {
  ASSERT_EQ(run(test_world(), "stopped", {}), Exit::ok);
  EXPECT_EQ(refusal("stopped", {"inr.siren.width=9"}, true), Exit::refused);
  EXPECT_EQ(refusal("stopped", {"condition.code.size=1"}, true), Exit::refused);
  EXPECT_EQ(refusal("stopped", {"data.observed=0.5"}, true), Exit::refused);
  EXPECT_EQ(refusal("stopped", {"data.window_frames=5"}, true), Exit::refused);
  EXPECT_EQ(refusal("stopped", {"dynamics.kind=\"linear\"", "dynamics.members=1"}, true), Exit::refused)
      << reason_;
  // Before the first member is there, too.
  ASSERT_EQ(run(test_world(), "early", {"train.steps=1"}, false, SIGUSR1), Exit::again);
  EXPECT_FALSE(hyper::get_dynamics(newest("early")).has_value());
  EXPECT_EQ(refusal("early", {"train.steps=1", "dynamics.mlp.width=6"}, true), Exit::refused) << reason_;
}

TEST_F(Latent, DataThatDoNotServeAreRefused) {
  const auto other = [&](const std::string& name, const io::TrajectoryLayout& layout) {
    fs::create_directories(folder_ / name);
    test_world().barrier();
    synthetic::write(test_world(), folder_ / name, layout);
    return "data.valid=\"" + (folder_ / name).string() + "\"";
  };
  const auto finer = other("finer", synthetic::layout(32, 8, 1, 2));
  EXPECT_EQ(refusal("valid", {finer}), Exit::data) << reason_;
  const auto fields = other("fields", synthetic::layout(24, 8, 2, 2));
  EXPECT_EQ(refusal("valid", {fields}), Exit::data) << reason_;
  const auto few = other("few", synthetic::layout(24, 3, 1, 2));
  EXPECT_EQ(refusal("valid", {few}), Exit::data) << reason_;
  EXPECT_EQ(refusal("valid", {"data.valid=\"nowhere\""}), Exit::no_input) << reason_;
  EXPECT_EQ(refusal("short", {"data.window_frames=1"}), Exit::data) << reason_;
  EXPECT_EQ(refusal("long", {"dynamics.rollout_first=50"}), Exit::data) << reason_;
  EXPECT_EQ(refusal("shown", {"dynamics.kind=\"linear\"", "dynamics.members=1", "dynamics.images=3"}),
            Exit::data)
      << reason_;
  EXPECT_EQ(refusal("twins", {"dynamics.kind=\"linear\"", "dynamics.members=2"}), Exit::data) << reason_;
  EXPECT_EQ(refusal("size", {"condition.code.size=9"}), Exit::data);
  EXPECT_NE(reason_.find("independent components"), std::string::npos) << reason_;
  EXPECT_EQ(refusal("mask", {"data.observed=1e-9"}), Exit::data);
  EXPECT_NE(reason_.find("keeps none"), std::string::npos) << reason_;
  EXPECT_EQ(refusal("init", {"train.init_from=\"x.h5\""}), Exit::data) << reason_;
  EXPECT_EQ(refusal("images", {"dynamics.images=4", decoding}), Exit::data) << reason_;
  EXPECT_EQ(refusal("grid", {"dynamics.images=4", "grid.points=[25]"}), Exit::data) << reason_;
}
