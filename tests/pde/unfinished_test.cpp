// Runs of hypercast-solve that were stopped or whose files were damaged, and what they go on with.

#include <fstream>

#include "pde/solver/solve_state.hpp"
#include "study.hpp"

namespace hypercast::pde {
namespace {

using UnfinishedTest = Studying;

// Asked to stop at every frame, again and again, a run ends with the bits of one that was never stopped.
TEST_F(UnfinishedTest, StoppedRunsGoOnFromTheirLastFrame) {
  for (const char* how : {"spectral", "fd"}) {
    const std::vector<std::string> settings{std::string("grid.backend=") + how,
                                            how[0] == 's' ? "time.integrator=etdrk4" : "time.integrator=rk",
                                            "ensemble.sequences=2",
                                            "time.burn_in=0.05",
                                            "ensemble.test=0",
                                            "ensemble.ranks_per_group=1"};
    const auto study = deck(ensemble_deck, settings);
    const auto whole = folder_, pieces = folder_ / "pieces";
    ASSERT_EQ(run(study, true), Exit::ok);
    folder_ = pieces;
    int stops = 0;
    while (run(study, false, SIGUSR1) == Exit::again) {
      ASSERT_LT(++stops, 20);
      const auto first = folder_ / "data" / "train" / "burgers_000000.hdf5";
      if (stops == 1) {
        EXPECT_FALSE(fs::exists(first));
        EXPECT_TRUE(fs::exists(fs::path(first).replace_extension(".state")));
      }
    }
    EXPECT_GE(stops, 5);
    for (const char* name : {"burgers_000000", "burgers_000001"}) {
      const auto file = fs::path("data") / "train" / (std::string(name) + ".hdf5");
      EXPECT_EQ(fields(pieces / file), fields(whole / file)) << how << " " << name;
      EXPECT_FALSE(fs::exists((pieces / file).replace_extension(".state")));
    }
    folder_ = whole;
    test_world().barrier();
    if (test_world().is_root()) fs::remove_all(pieces);
    test_world().barrier();
  }
}

TEST_F(UnfinishedTest, DamagedFilesAreSolvedAgain) {
  const auto file = folder_ / "data" / "train" / "burgers_000000.hdf5";
  ASSERT_EQ(run(deck(ensemble_deck)), Exit::ok);
  const auto before = fields(file);
  test_world().barrier();
  if (test_world().is_root()) {
    std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekp(-100, std::ios::end);
    bytes.put('x');
  }
  test_world().barrier();
  EXPECT_NE(io::verify_trajectory(file), "");
  test_world().barrier();
  EXPECT_EQ(run(deck(ensemble_deck)), Exit::ok);
  EXPECT_EQ(fields(file), before);
}

TEST_F(UnfinishedTest, UnfinishedFilesOfOtherSettingsAreRefused) {
  ASSERT_EQ(run(deck(ensemble_deck), false, SIGUSR1), Exit::again);
  const auto other = deck(ensemble_deck, {"time.step=0.005"});
  EXPECT_EQ(refusal(other), Exit::refused);
  EXPECT_NE(reason_.find(".state"), std::string::npos) << reason_;
  EXPECT_EQ(run(other, true), Exit::ok);
  EXPECT_EQ(refusal(deck(ensemble_deck)), Exit::refused);
}

TEST_F(UnfinishedTest, StatesThatDoNotFitTheirPartAreNotTrusted) {
  const auto file = folder_ / "data" / "train" / "burgers_000000.hdf5";
  for (const char* damage : {"part", "state"}) {
    ASSERT_EQ(run(deck(ensemble_deck), true, SIGUSR1), Exit::again);
    test_world().barrier();
    if (test_world().is_root()) {
      const auto hurt =
          damage[0] == 'p' ? fs::path(file.string() + ".part") : fs::path(file).replace_extension(".state");
      fs::resize_file(hurt, fs::file_size(hurt) / 2);
    }
    test_world().barrier();
    EXPECT_EQ(run(deck(ensemble_deck)), Exit::ok) << damage;
    const auto first = fields(file);
    EXPECT_EQ(run(deck(ensemble_deck, {"time.step=0.0099"}), true), Exit::ok);
    EXPECT_EQ(run(deck(ensemble_deck), true), Exit::ok);
    EXPECT_EQ(fields(file), first) << damage;
    test_world().barrier();
    if (test_world().is_root()) fs::remove_all(folder_);
    test_world().barrier();
  }
}

// In double precision, whole, by one rank or many.
TEST_F(UnfinishedTest, LastStatesAreKeptWhereAsked) {
  const auto study = deck(ensemble_deck, {"ensemble.keep_states=true", "ensemble.train=1", "ensemble.test=0",
                                          "ensemble.ranks_per_group=0"});
  ASSERT_EQ(run(study), Exit::ok);
  const auto setup = read_setup(study);
  const auto plan = plan_files(setup, folder_);
  std::string damage;
  const auto kept = read_state(test_world(), plan[0].path, damage);
  ASSERT_TRUE(kept) << damage;
  const auto state = initial_state(*setup.system, setup.domain, setup.initial, 0, plan[0].draws[0]);
  EXPECT_EQ(kept->values,
            solve_to_end(Comm::self(), *setup.system, setup.domain, setup.discretisation, setup.time, state));
  EXPECT_EQ(run(study), Exit::ok);
}

}  // namespace
}  // namespace hypercast::pde
