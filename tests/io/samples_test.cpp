// One file of every kind, laid out like a run folder, for the Python checks beside this file.

#include "helpers.hpp"
#include "io/checkpoint_folder.hpp"
#include "io/forecast.hpp"
#include "io/metrics.hpp"

using namespace hypercast;
using namespace hypercast::io;

namespace {

void write_tables(const std::filesystem::path& folder, const Provenance& origin) {
  Metrics metrics(folder, {"loss", "lr"});
  for (int step = 0; step < 3; ++step) metrics.add(step, std::vector<double>{1.0 / (1 + step), 1e-3});
  metrics.save();
  Archive archive;
  archive.put<float>("model/head/weights", {2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6});
  archive.put("train/position", std::vector<std::int64_t>{7, 8});
  archive.put_text("deck", "[train]\nsteps = 10\n");
  archive.put_number("train/step", 10);
  save_checkpoint(folder / "ckpt", 10, archive, origin, 2);
  const std::vector<double> times = {0.0, 0.1, 0.2};
  write_errors(folder / "forecast/sample.hdf5", times,
               {{"direct", {0, 0.1, 0.2}}, {"persistence", {0, 1, 2}}}, origin);
  const std::vector<double> points = {0.5, 0.1, 0.2, 0.6, 0.3, 0.4}, values = {1, 2, 3, 4};
  write_point_forecast(folder / "forecast/points.hdf5",
                       {.axes = {"x", "y"}, .channels = {"u", "v"}, .points = points, .values = values},
                       origin);
}

}  // namespace

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
  write_sample(world, folder / "data/train/sample_000000.hdf5", layout_2d(), origin);
  write_sample(world, folder / "forecast/sample.hdf5", layout_2d(), origin);
  write_sample(world, folder / "line/line_000000.hdf5",
               {.dataset_name = "line",
                .channels = {"u"},
                .axes = {axis("x", 9, 0, 0.125, Boundary::dirichlet)},
                .times = {0, 1},
                .trajectories = 1,
                .parameters = {}},
               origin);
  write_sample(world, folder / "box/box_000000.hdf5",
               {.dataset_name = "box",
                .channels = {"a&b"},
                .axes = {axis("x", 4, 0, 0.25, Boundary::periodic), axis("y", 3, 0, 0.5, Boundary::open),
                         axis("z", 5, -0.5, 0.25, Boundary::neumann)},
                .times = {0, 1},
                .trajectories = 2,
                .parameters = {{"nu", 1e-3}}},
               origin);
  if (world.is_root()) write_tables(folder, origin);
  world.barrier();
  EXPECT_TRUE(std::filesystem::exists(folder / "ckpt/step-000000010.h5"));
}
