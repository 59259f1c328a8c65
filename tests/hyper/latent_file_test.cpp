// What latent models keep in a checkpoint, and which points they may look at.

#include "hyper/latent_file.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "hyper/model_file.hpp"
#include "hyper/observed.hpp"
#include "io/masks.hpp"
#include "synthetic.hpp"
#include "test_world.hpp"

using namespace hypercast;
using namespace hypercast::hyper;

namespace fs = std::filesystem;

namespace {

LatentDynamics example() {
  LatentDynamics dynamics;
  dynamics.deck = "[dynamics]\nkind = \"linear\"\n";
  dynamics.interval = 0.25;
  dynamics.scaling.mean = {1, 2};
  dynamics.scaling.scale = 0.5;
  dynamics.scaling.deviation = {1.2, 0.7};
  dynamics.scaling.largest_norm = 3.5;
  dynamics.scaling.mu_mean = {0.1};
  dynamics.scaling.mu_scale = {0.01};
  dynamics.members = {{1, 2, 3}, {4, 5, 6}};
  return dynamics;
}

// The refusal of an archive whose entry `name` is replaced.
Exit refusal(const std::string& name, const io::Archive::Entry& entry) {
  io::Archive archive;
  put_dynamics(archive, example());
  archive.put_entry(name, entry);
  try {
    get_dynamics(archive);
  } catch (const UserError& error) {
    return error.code();
  }
  return Exit::ok;
}

}  // namespace

TEST(LatentFile, GivesBackWhatWasPut) {
  io::Archive archive;
  put_dynamics(archive, example());
  const auto back = get_dynamics(archive);
  ASSERT_TRUE(back.has_value());
  const auto all = example();
  EXPECT_EQ(back->deck, all.deck);
  EXPECT_EQ(back->interval, all.interval);
  EXPECT_EQ(back->scaling.mean, all.scaling.mean);
  EXPECT_EQ(back->scaling.scale, all.scaling.scale);
  EXPECT_EQ(back->scaling.deviation, all.scaling.deviation);
  EXPECT_EQ(back->scaling.largest_norm, all.scaling.largest_norm);
  EXPECT_EQ(back->scaling.mu_mean, all.scaling.mu_mean);
  EXPECT_EQ(back->scaling.mu_scale, all.scaling.mu_scale);
  EXPECT_EQ(back->members, all.members);
}

TEST(LatentFile, WhatIsNotThereYetIsNothing) {
  EXPECT_FALSE(get_dynamics(io::Archive{}).has_value());
  auto dynamics = example();
  dynamics.members.clear();
  io::Archive archive;
  put_dynamics(archive, dynamics);
  EXPECT_FALSE(get_dynamics(archive).has_value());
}

TEST(LatentFile, PartsThatDoNotFitAreRefused) {
  EXPECT_EQ(refusal("dynamics/scaling/scale", 0.5), Exit::ok);
  EXPECT_EQ(refusal("dynamics/scaling/scale", 0.0), Exit::refused);
  EXPECT_EQ(refusal("dynamics/interval", -1.0), Exit::refused);
  EXPECT_EQ(refusal("dynamics/scaling/deviation", io::Array{{1}, std::vector<double>{1}}), Exit::refused);
  EXPECT_EQ(refusal("dynamics/scaling/mu_scale", io::Array{{0}, std::vector<double>{}}), Exit::refused);
  EXPECT_EQ(refusal("dynamics/members", 3.0), Exit::refused) << "one is missing";
}

TEST(Observed, MasksAreDrawnAtTheirRateAndNeverChange) {
  const auto axes = synthetic::layout(20000, 2, 1).axes;
  std::string source;
  const auto draw = [&](double rate, bool own, std::int64_t seed = 1) {
    return observed_points(Comm::self(), "/nonexistent", {rate, own, seed}, axes, 3, source);
  };
  EXPECT_TRUE(draw(1, false).everywhere());
  EXPECT_TRUE(draw(1, true).everywhere());
  const auto shared = draw(0.25, false), own = draw(0.25, true);
  ASSERT_EQ(shared.masks.size(), 1u);
  ASSERT_EQ(own.masks.size(), 3u);
  for (const auto& mask : own.masks) {
    EXPECT_NEAR(static_cast<double>(mask.size()), 5000, 5 * std::sqrt(20000 * 0.25 * 0.75));
    EXPECT_TRUE(std::is_sorted(mask.begin(), mask.end()));
    EXPECT_LT(mask.back(), 20000u);
  }
  EXPECT_EQ(shared.masks[0], own.masks[0]);
  EXPECT_NE(own.masks[0], own.masks[1]);
  EXPECT_NE(shared.masks[0], draw(0.25, false, 2).masks[0]);
  EXPECT_EQ(shared.masks[0], draw(0.25, false).masks[0]);
  EXPECT_EQ(shared.of(2).size(), shared.masks[0].size());
  EXPECT_EQ(own.of(2).data(), own.masks[2].data());
  EXPECT_FALSE(shared.own());
  EXPECT_TRUE(own.own());
}

TEST(Observed, AMaskThatKeepsNothingIsRefused) {
  std::string source;
  try {
    observed_points(Comm::self(), "/nonexistent", {1e-6, true, 1}, synthetic::layout(16, 2, 1).axes, 3,
                    source);
    ADD_FAILURE() << "observed nothing";
  } catch (const UserError& error) {
    EXPECT_EQ(error.code(), Exit::data);
    EXPECT_NE(std::string(error.what()).find("keeps none of 16 points"), std::string::npos) << error.what();
  }
}

TEST(Observed, TakesTheMaskOfTheRunFolderWhereThereIsOne) {
  const Comm& world = test_world();
  const auto folder = synthetic::folder(world, "observed");
  if (world.is_root()) {
    fs::create_directories(folder / "data");
    io::write_masks(
        io::masks_path(folder),
        std::vector{io::Mask{0.5, 7, {6}, {1, 0, 0, 1, 1, 0}}, io::Mask{0.1, 7, {6}, {0, 0, 0, 0, 0, 0}}},
        {});
  }
  world.barrier();
  std::string source;
  const auto axes = synthetic::layout(6, 2, 1).axes;
  const auto found = observed_points(world, folder, {0.5, false, 1}, axes, 2, source);
  EXPECT_EQ(found.masks, (std::vector<std::vector<std::uint32_t>>{{0, 3, 4}}));
  EXPECT_NE(source.find("(3 of 6 points)"), std::string::npos) << source;
  const auto code = [&](double rate, const std::vector<io::Axis>& grid) {
    try {
      observed_points(world, folder, {rate, false, 1}, grid, 2, source);
    } catch (const UserError& error) {
      return error.code();
    }
    return Exit::ok;
  };
  EXPECT_EQ(code(0.5, synthetic::layout(7, 2, 1).axes), Exit::data) << "another grid";
  EXPECT_EQ(code(0.1, axes), Exit::data) << "keeps nothing";
  EXPECT_EQ(code(0.3, axes), Exit::data) << "no such rate";
  const auto own = observed_points(world, folder, {0.5, true, 1}, axes, 2, source);
  EXPECT_TRUE(own.own()) << "masks of their own are drawn";
  world.barrier();
  if (world.is_root()) fs::remove_all(folder);
}
