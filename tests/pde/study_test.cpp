// The whole of hypercast-solve, from deck to files.

#include "study.hpp"

#include <fstream>

#include "io/masks.hpp"
#include "pde/observation.hpp"

namespace hypercast::pde {
namespace {

using StudyTest = Studying;

TEST_F(StudyTest, FilesHoldWhatTheSolverComputes) {
  const auto study = deck(ensemble_deck);
  ASSERT_EQ(run(study), Exit::ok);
  const auto setup = read_setup(study);
  const auto plan = plan_files(setup, folder_);
  ASSERT_EQ(plan.size(), 3u);
  for (const auto& file : plan) {
    const io::TrajectoryReader reader(test_world(), file.path);
    EXPECT_EQ(reader.layout().trajectories, file.trajectories());
    ASSERT_EQ(reader.layout().points(), 24u * 16u);
    std::vector<float> values(3 * reader.layout().frame_size());
    for (int trajectory = 0; trajectory < file.trajectories(); ++trajectory) {
      reader.read(trajectory, {0, 3}, values);
      const auto state = initial_state(*setup.system, setup.domain, setup.initial, 0, file.draws[trajectory]);
      const auto end =
          solve_to_end(Comm::self(), *setup.system, setup.domain, setup.discretisation, setup.time, state);
      for (std::size_t i = 0; i < end.size(); ++i)
        ASSERT_EQ(values[2 * end.size() + i], static_cast<float>(end[i])) << file.path << " " << trajectory;
    }
  }
}

TEST_F(StudyTest, FinishedFilesAreKept) {
  const auto first = folder_ / "data" / "train" / "burgers_000000.hdf5";
  ASSERT_EQ(run(deck(ensemble_deck)), Exit::ok);
  const auto made = fs::last_write_time(first);
  ASSERT_EQ(run(deck(ensemble_deck)), Exit::ok);
  EXPECT_EQ(fs::last_write_time(first), made);
  // More trajectories keep the files that are there, unless a file gets longer.
  EXPECT_EQ(run(deck(ensemble_deck, {"ensemble.valid=1", "ensemble.train=3"})), Exit::ok);
  EXPECT_EQ(fs::last_write_time(first), made);
}

// Equal hashes, equal files; and nothing is solved again that need not be.
TEST_F(StudyTest, HashesFollowWhatFilesHold) {
  const auto hash = [&](const std::string& split, std::vector<std::string> overrides) {
    overrides.insert(overrides.end(), {"grid.points=[8, 8]", "ensemble.valid=1"});
    const auto study = deck("", overrides);
    const auto setup = read_setup(study);
    for (const auto& file : plan_files(setup, folder_))
      if (file.path.parent_path().filename() == split) return solve_hash(study, setup, file);
    return std::string();
  };
  EXPECT_NE(hash("train", {}), hash("train", {"ensemble.sequences=2"}));
  EXPECT_NE(hash("train", {}), hash("train", {"time.burn_in=0.5"}));
  EXPECT_EQ(hash("train", {}), hash("train", {"observation.rates=[0.5]"}));
  EXPECT_EQ(hash("valid", {}), hash("valid", {"ensemble.train=2"}));
  const std::string published = "initial.family=dino_random_field";
  EXPECT_EQ(hash("train", {published}), hash("train", {published, "ensemble.train=2"}));
  EXPECT_NE(hash("valid", {published}), hash("valid", {published, "ensemble.train=2"}));  // has the next seed
}

TEST_F(StudyTest, SequencesTakeTheirSpace) {
  const auto one = read_setup(deck(ensemble_deck)),
             three = read_setup(deck(ensemble_deck, {"ensemble.sequences=3"}));
  EXPECT_EQ(disk_bytes(three), 3 * disk_bytes(one));
  EXPECT_EQ(frames_text(one), "3 frames on [0, 0.2]");
  const auto late = read_setup(deck(ensemble_deck, {"ensemble.sequences=3", "time.burn_in=28.5"}));
  EXPECT_EQ(frames_text(late), "3 frames on [0, 0.2], in each of 3 sequences, after a burn-in of 28.5");
}

TEST_F(StudyTest, MasksAreWrittenBesideTheData) {
  const auto write = [&](const Deck& deck) {
    const Log log(1);  // says nothing
    Timers timers;
    Signals signals(folder_, 0, 0);
    const Comm node = test_world().node();
    const Context context{test_world(), node, log, timers, signals};
    write_observation_masks(Study{context, deck, folder_, {}, "", {}}, read_setup(deck),
                            {{"software", "test"}});
  };
  write(deck(ensemble_deck));
  EXPECT_FALSE(fs::exists(io::masks_path(folder_)));
  write(deck(ensemble_deck, {"observation.rates=[0.05, 0.5]", "observation.seed=7"}));
  const auto mask = io::read_mask(test_world(), io::masks_path(folder_), 0.5);
  EXPECT_EQ(mask.shape, (std::vector<std::size_t>{24, 16}));
  EXPECT_EQ(mask.seed, 7);
  EXPECT_EQ(mask.observed, observation_mask(24 * 16, 0.5, 7));
}

TEST_F(StudyTest, OtherSettingsAreRefusedUnlessOverwritten) {
  ASSERT_EQ(run(deck(ensemble_deck)), Exit::ok);
  const auto other = deck(ensemble_deck, {"time.step=0.005"});
  EXPECT_EQ(refusal(other), Exit::refused);
  EXPECT_EQ(run(other, true), Exit::ok);
  EXPECT_EQ(refusal(other), Exit::ok);
}

TEST_F(StudyTest, LeftoversAreMovedAsideWhenOverwriting) {
  ASSERT_EQ(run(deck(ensemble_deck)), Exit::ok);
  const auto left = fs::path("data") / "train" / "burgers_000001.hdf5";
  const auto kept = folder_ / "data" / "train" / "burgers_000000.hdf5";
  const auto made = fs::last_write_time(kept);
  const auto fewer = deck(ensemble_deck, {"ensemble.train=2"});
  EXPECT_EQ(refusal(fewer), Exit::refused);
  EXPECT_NE(reason_.find(left.string()), std::string::npos) << reason_;
  EXPECT_NE(reason_.find("--overwrite"), std::string::npos) << reason_;
  EXPECT_TRUE(fs::exists(folder_ / left));
  test_world().barrier();
  for (const char* to : {"previous-1", "previous-2"}) {
    EXPECT_EQ(run(fewer, true), Exit::ok);
    for (const char* extension : {"hdf5", "xdmf", "mesh"}) {
      EXPECT_FALSE(fs::exists((folder_ / left).replace_extension(extension))) << extension;
      EXPECT_TRUE(fs::exists((folder_ / to / left).replace_extension(extension))) << to << extension;
    }
    EXPECT_EQ(refusal(fewer), Exit::ok);
    EXPECT_EQ(refusal(deck(ensemble_deck)), Exit::ok);  // makes it again
  }
  EXPECT_EQ(fs::last_write_time(kept), made);
}

TEST_F(StudyTest, ForeignFilesAreNeverTouched) {
  ASSERT_EQ(run(deck(ensemble_deck)), Exit::ok);
  const auto foreign = folder_ / "data" / "valid" / "measured.h5";
  if (test_world().is_root()) {
    fs::create_directories(foreign.parent_path());
    std::ofstream(foreign) << "not ours";
  }
  test_world().barrier();
  const auto fewer = deck(ensemble_deck, {"ensemble.train=2"});
  for (bool overwrite : {false, true}) {
    EXPECT_EQ(refusal(fewer, overwrite), Exit::refused);
    EXPECT_NE(reason_.find("measured.h5"), std::string::npos) << reason_;
    EXPECT_EQ(reason_.find("--overwrite"), std::string::npos) << reason_;
  }
  EXPECT_TRUE(fs::exists(foreign));
  EXPECT_FALSE(fs::exists(folder_ / "previous-1"));  // refused before anything was moved
}

// One of ours that is not in the plan is opened, or moved, only where its seal holds.
TEST_F(StudyTest, DamagedLeftoversAreNotOpened) {
  ASSERT_EQ(run(deck(ensemble_deck)), Exit::ok);
  const auto left = folder_ / "data" / "train" / "burgers_000001.hdf5";
  if (test_world().is_root()) {
    std::fstream file(left, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(600);
    file << "damage";
  }
  test_world().barrier();
  const auto fewer = deck(ensemble_deck, {"ensemble.train=2"});
  for (bool overwrite : {false, true}) {
    EXPECT_EQ(refusal(fewer, overwrite), Exit::refused);
    EXPECT_NE(reason_.find("no intact file"), std::string::npos) << reason_;
  }
  EXPECT_TRUE(fs::exists(left));
}

// Two sequences are the two halves of one long trajectory, and a burn-in comes before its first frame.
TEST_F(StudyTest, SequencesAreCutFromOneTrajectory) {
  ASSERT_EQ(run(deck(ensemble_deck, {"ensemble.sequences=2", "ensemble.train=1", "ensemble.test=0",
                                     "initial.amplitude=0.3", "time.burn_in=0.2"})),
            Exit::ok);
  const auto pieces = fields(folder_ / "data" / "train" / "burgers_000000.hdf5");
  ASSERT_EQ(run(deck(ensemble_deck, {"ensemble.train=1", "ensemble.test=0", "initial.amplitude=0.3",
                                     "time.end=0.7", "time.frames=8"}),
                true),
            Exit::ok);
  const auto whole = fields(folder_ / "data" / "train" / "burgers_000000.hdf5");
  const std::size_t frame = 24 * 16;
  ASSERT_EQ(pieces.size(), 6 * frame);
  ASSERT_EQ(whole.size(), 8 * frame);
  EXPECT_TRUE(std::equal(pieces.begin(), pieces.end(), whole.begin() + 2 * frame));
}

// Files of many trajectories, made by one group and by all, hold the same.
TEST_F(StudyTest, NumberOfGroupsDoesNotMatter) {
  const auto settings = deck(ensemble_deck, {"ensemble.trajectories_per_file=1", "ensemble.train=5"});
  ASSERT_EQ(run(settings), Exit::ok);
  for (int i = 0; i < 5; ++i) {
    const auto setup = read_setup(settings);
    const auto plan = plan_files(setup, folder_);
    const auto state = initial_state(*setup.system, setup.domain, setup.initial, 0, plan[i].draws[0]);
    const auto end =
        solve_to_end(Comm::self(), *setup.system, setup.domain, setup.discretisation, setup.time, state);
    const auto made = fields(plan[i].path);
    for (std::size_t k = 0; k < end.size(); ++k)
      ASSERT_EQ(made[2 * end.size() + k], static_cast<float>(end[k])) << i;
  }
}

TEST_F(StudyTest, CertificatesAreStoredAndDemandsHeld) {
  const auto certified = deck(ensemble_deck, {"certify.every=2", "grid.order=6", "time.integrator=rk"});
  ASSERT_EQ(run(certified), Exit::ok);
  const auto file = folder_ / "data" / "train" / "burgers_000000.hdf5";
  EXPECT_EQ(io::verify_trajectory(file), "");
  const auto strict = deck(ensemble_deck, {"certify.every=1", "certify.tolerance=1e-14", "ensemble.train=1"});
  EXPECT_EQ(refusal(strict, true), Exit::diverged);
  EXPECT_NE(reason_.find("certify.tolerance"), std::string::npos) << reason_;
  EXPECT_NE(reason_.find("trajectory 0"), std::string::npos) << reason_;
}

// The second trajectory's diffusivity is beyond what the explicit step allows.
TEST_F(StudyTest, DivergenceKeepsFinishedFiles) {
  const std::string text = R"(
[grid]
points = [32]
[time]
frames = 3
end = 10
step = 0.1
integrator = "rk"
[ensemble]
train = 2
vary = "diffusivity"
vary_range = [0.0001, 1.0]
ranks_per_group = 1
)";
  for (int seed = 0;; ++seed) {
    const auto study = deck(text, {"initial.seed=" + std::to_string(seed)});
    const auto setup = read_setup(study);
    const auto diffusivity = [&](int trajectory) {
      vary_parameter(setup, draw_of(setup, Split::train, trajectory));
      return parameters(*setup.system)[0].second;
    };
    if (diffusivity(0) > 0.1 || diffusivity(1) < 0.6) continue;
    EXPECT_EQ(refusal(study), Exit::diverged);
    break;
  }
  EXPECT_TRUE(fs::exists(folder_ / "data" / "train" / "heat_000000.hdf5"));
  EXPECT_FALSE(fs::exists(folder_ / "data" / "train" / "heat_000001.hdf5"));
}

TEST_F(StudyTest, GroupsAreAsLargeAsTheGridAllows) {
  const auto size = [&](const std::vector<std::string>& overrides) {
    return group_size(read_setup(deck("", overrides)), 2);
  };
  EXPECT_EQ(size({}), 2);
  EXPECT_EQ(size({"ensemble.train=2"}), 1);
  EXPECT_EQ(size({"grid.backend=spectral"}), 1);
  EXPECT_EQ(size({"grid.backend=spectral", "grid.points=[8, 8]"}), 2);
}

TEST_F(StudyTest, DecksThatCannotBeSolvedPointAtTheirKey) {
  const auto complaint = [&](const std::vector<std::string>& overrides) -> std::string {
    try {
      read_setup(deck("", overrides));
    } catch (const UserError& error) {
      EXPECT_EQ(error.code(), Exit::data);
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(complaint({}), "");
  const std::map<std::string, std::vector<std::string>> wrong{
      {"grid.boundary", {"grid.points=[8, 8, 8]", "grid.boundary=[\"periodic\", \"neumann\"]"}},
      {"grid.upper", {"grid.upper=[-1]"}},
      {"more than 32 bits", {"grid.points=[2000, 2000, 2000]"}},
      {"grid.order", {"pde.name=burgers", "grid.boundary=[\"neumann\"]", "grid.order=6"}},
      {"time.method", {"time.method=5dq", "time.integrator=rk"}},
      {"time.end", {"time.end=-1"}},
      {"rk 4 estimates", {"time.integrator=rk", "time.tolerance=1e-6"}},
      {"euler estimates", {"time.integrator=euler", "time.tolerance=1e-6"}},
      {"set certify.every", {"certify.tolerance=1e-3"}},
      {"certify.tolerance", {"certify.every=1", "certify.tolerance=1e-3", "certify.space=false"}},
      {"certify.every",
       {"certify.every=1", "certify.time=false", "certify.space=false", "certify.agreement=false"}},
      {"certify.until", {"certify.every=1", "certify.until=1e-9"}},
      {"initial.family", {"pde.name=burgers", "initial.family=exact", "grid.boundary=[\"neumann\"]"}},
      {"initial.modes", {"initial.modes=[[1, 0, 0.5]]"}},
      {"initial.tau", {"initial.family=dino_random_field", "initial.tau=0", "grid.points=[8, 8]"}},
      {"two channels", {"initial.family=dino_gaussian", "grid.points=[8, 8]"}},
      {"initial.seed",
       {"initial.family=dino_random_field", "initial.seed=2147483646", "ensemble.test=1", "ensemble.train=2",
        "grid.points=[8, 8]"}},
      {"observation.rates", {"observation.rates=[0.5, 0.5]"}},
      {"certify.every", {"certify.every=1", "ensemble.trajectories_per_file=8001"}},
      {"certify.tolerance", {"certify.tolerance=1e-4", "certify.time=false", "certify.space=false"}},
      {"time.burn_in", {"time.burn_in=1e9"}},
      {"ensemble.vary", {"ensemble.vary=viscosity", "ensemble.vary_range=[0.1, 0.2]"}},
      {"velocity has 2", {"pde.name=advection_diffusion", "pde.advection_diffusion.velocity=[1, 2]"}},
  };
  for (const auto& [key, overrides] : wrong)
    EXPECT_NE(complaint(overrides).find(key), std::string::npos)
        << key << ": '" << complaint(overrides) << "'";
}

}  // namespace
}  // namespace hypercast::pde
