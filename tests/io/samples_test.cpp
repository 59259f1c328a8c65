// Trajectories of every kind, laid out like a run folder, for the Python checks beside this file.

#include "helpers.hpp"
#include "io/dataset_card.hpp"

using namespace hypercast;
using namespace hypercast::io;

TEST(Samples, WriteARunFolder) {
  const TestFolder temporary;
  const char* wanted = std::getenv("HYPERCAST_SAMPLES");
  const std::filesystem::path folder = wanted ? std::filesystem::path(wanted) : temporary / "samples";
  const Comm& world = test_world();
  const Provenance origin = provenance(world, {.command_line = "test",
                                               .deck = "",
                                               .deck_resolved = "",
                                               .seed = 1,
                                               .libraries = io_libraries(),
                                               .more = {}});
  TrajectoryLayout fewer = layout_2d();
  fewer.trajectories = 1;
  write_sample(world, folder / "data/train/sample_000000.hdf5", layout_2d(), origin, {{"error", {1e-3}}});
  write_sample(world, folder / "data/train/sample_000001.hdf5", fewer, origin);
  write_sample(world, folder / "data/valid/sample_000000.hdf5", fewer, origin);
  write_dataset_card(world, folder,
                     {.equation = "none",
                      .initial_states = "",
                      .discretisation = "",
                      .integrator = "",
                      .measured = {},
                      .provenance = origin});
  write_sample(world, folder / "forecast/sample.hdf5", layout_2d(), origin);
  write_sample(world, folder / "line/line_000000.hdf5",
               {.dataset_name = "line",
                .channels = {"u"},
                .axes = {axis("x", 9, 0, 0.125, Boundary::dirichlet)},
                .times = {0, 1},
                .trajectories = 1,
                .parameters = {}},
               origin);
  write_sample(world, folder / "box/50%b of_000000.hdf5",
               {.dataset_name = "box",
                .channels = {"a&b"},
                .axes = {axis("x", 4, 0, 0.25, Boundary::periodic), axis("y", 3, 0, 0.5, Boundary::open),
                         axis("z", 5, -0.5, 0.25, Boundary::neumann)},
                .times = {0, 1},
                .trajectories = 2,
                .parameters = {{"nu", 1e-3}}},
               origin);
  EXPECT_TRUE(std::filesystem::exists(folder / "forecast/sample.xdmf"));
}
