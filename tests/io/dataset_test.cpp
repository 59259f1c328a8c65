// Statistics of trajectory files, and what lies beside them for The Well.

#include <cmath>
#include <cstring>

#include "core/random.hpp"
#include "helpers.hpp"
#include "io/dataset_card.hpp"
#include "io/durable.hpp"
#include "io/statistics.hpp"

using namespace hypercast;
using namespace hypercast::io;

namespace {

constexpr int points = 11, frames = 4;

TrajectoryLayout line(int trajectories, int steps = frames) {
  TrajectoryLayout layout{.dataset_name = "line",
                          .channels = {"u", "no"},
                          .axes = {axis("x", points, 0, 0.1, Boundary::periodic)},
                          .times = {},
                          .trajectories = trajectories,
                          .parameters = {{"nu", 0.01 * trajectories}}};
  for (int t = 0; t < steps; ++t) layout.times.push_back(0.5 * t);
  return layout;
}

// Far from zero, where raw squares would cancel: about 1e4, plus or minus a half, and -3e-3 x 2^channel.
float value(int file, int trajectory, int frame, int channel, int point) {
  const Random random(7, Random::Purpose::test, std::uint32_t(channel));
  const double u = random.uniform(((file * 10 + trajectory) * 100 + frame) * 100 + point);
  return channel == 0 ? float(1e4 + u - 0.5) : float(-6e-3 * u);
}

// COLLECTIVE. `file` seeds the values.
void write_line(const std::filesystem::path& path, int file, const TrajectoryLayout& layout) {
  TrajectoryWriter writer(test_world(), path, layout, {});
  const auto block = block_of(test_world(), layout);
  for (int b = 0; b < layout.trajectories; ++b)
    for (int t = 0; t < int(layout.times.size()); ++t) {
      std::vector<float> values;
      for (int c = 0; c < int(layout.channels.size()); ++c)
        for (int i = 0; i < block.count[0]; ++i) values.push_back(value(file, b, t, c, block.start[0] + i));
      writer.write(b, t, block, values);
    }
  writer.finish();
}

struct Brute {
  std::vector<long double> values;
  long double mean() const {
    long double sum = 0;
    for (auto v : values) sum += v;
    return sum / values.size();
  }
  long double deviation() const {
    const long double m = mean();
    long double sum = 0;
    for (auto v : values) sum += (v - m) * (v - m);
    return std::sqrt(sum / values.size());
  }
  long double root_mean_square() const {
    long double sum = 0;
    for (auto v : values) sum += v * v;
    return std::sqrt(sum / values.size());
  }
};

void expect_moments(const Moments& found, const Brute& wanted) {
  EXPECT_EQ(found.count, double(wanted.values.size()));
  EXPECT_NEAR(found.mean, double(wanted.mean()), 1e-15 * double(wanted.root_mean_square()));
  // The mean is known to its last digit, hence distances from it to that times mean over deviation; of raw
  // squares it would be the square of that.
  const double rounding = 2.3e-16 * double(wanted.root_mean_square() / wanted.deviation());
  EXPECT_NEAR(found.deviation(), double(wanted.deviation()), rounding * double(wanted.deviation()));
  EXPECT_NEAR(found.root_mean_square(), double(wanted.root_mean_square()),
              1e-15 * double(wanted.root_mean_square()));
}

bool same_bits(const std::vector<FieldStatistics>& a, const std::vector<FieldStatistics>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof a[0]) == 0;
}

std::string text_of_file(const std::filesystem::path& path) {
  test_world().barrier();
  return file_bytes(path);
}

void expect_words(const std::string& text, const std::vector<std::string>& words) {
  for (const auto& word : words)
    EXPECT_NE(text.find(word), std::string::npos) << "no " << word << " in\n" << text;
}

}  // namespace

TEST(Statistics, AreThoseOfBruteForceOnAnyNumberOfRanks) {
  const TestFolder folder;
  const std::vector<std::filesystem::path> files = {folder / "a.hdf5", folder / "b.hdf5", folder / "c.hdf5"};
  const std::vector<int> trajectories = {3, 1, 2};
  for (int f = 0; f < 3; ++f) write_line(files[f], f, line(trajectories[f], frames + f));
  test_world().barrier();
  const auto found = field_statistics(test_world(), files, trajectories, 2);
  EXPECT_TRUE(same_bits(found, field_statistics(Comm::self(), files, trajectories, 2)));
  ASSERT_EQ(found.size(), 2u);
  for (int c = 0; c < 2; ++c) {
    Brute values, differences;
    for (int f = 0; f < 3; ++f)
      for (int b = 0; b < trajectories[f]; ++b)
        for (int t = 0; t < frames + f; ++t)
          for (int i = 0; i < points; ++i) {
            values.values.push_back(value(f, b, t, c, i));
            if (t > 0)
              differences.values.push_back((long double)(value(f, b, t, c, i)) - value(f, b, t - 1, c, i));
          }
    expect_moments(found[c].values, values);
    expect_moments(found[c].differences, differences);
  }
}

TEST(Statistics, OfFramesTooLargeForOnePieceAreTheSame) {
  const TestFolder folder;
  // Two channels of 3 million points: a piece is one frame.
  TrajectoryLayout layout = line(1, 3);
  layout.axes = {axis("x", 1500, 0, 0.1, Boundary::periodic), axis("y", 2000, 0, 0.1, Boundary::periodic)};
  TrajectoryWriter writer(test_world(), folder / "a.hdf5", layout, {});
  const auto block = block_of(test_world(), layout);
  for (int t = 0; t < 3; ++t) {
    std::vector<float> values(2 * block.points(), float(t * t));
    std::fill(values.begin() + block.points(), values.end(), 1.5f);
    writer.write(0, t, block, values);
  }
  writer.finish();
  const std::vector<int> one = {1};
  const auto found = field_statistics(test_world(), {folder / "a.hdf5"}, one, 2);
  EXPECT_NEAR(found[0].values.mean, 5.0 / 3, 1e-15);  // of 0, 1, 4
  EXPECT_NEAR(found[0].values.deviation(), std::sqrt(26.0 / 9), 1e-15);
  EXPECT_NEAR(found[0].differences.mean, 2, 1e-15);  // of 1, 3
  EXPECT_NEAR(found[0].differences.deviation(), 1, 1e-15);
  EXPECT_EQ(found[1].values.mean, 1.5);
  EXPECT_EQ(found[1].values.deviation(), 0);
  EXPECT_EQ(found[1].differences.root_mean_square(), 0);
}

TEST(Statistics, OfADamagedFileAreRefusedByAllRanks) {
  const TestFolder folder;
  const std::vector<int> trajectories = {1, 1};
  write_line(folder / "a.hdf5", 0, line(1));
  put_file(folder / "b.hdf5", file_bytes(folder / "a.hdf5").substr(0, 4000));
  expect_user_error(Exit::data, {"b.hdf5"}, [&] {
    field_statistics(test_world(), {folder / "a.hdf5", folder / "b.hdf5"}, trajectories, 2);
  });
}

TEST(DatasetCard, TellsOfAllSplits) {
  const TestFolder folder;
  write_line(folder / "data/train/line_000000.hdf5", 0, line(2));
  write_line(folder / "data/train/line_000001.hdf5", 1, line(3));
  write_line(folder / "data/test/line_000000.hdf5", 2, line(1));
  const DatasetText text{.equation = "u_t = |u|",
                         .initial_states = "noise",
                         .discretisation = "none",
                         .integrator = "dice",
                         .measured = {{"error_time", {2e-5, 1e-5}}, {"error_space", {3e-7}}},
                         .provenance = {{"software", "hypercast"}, {"hostname", "hidden"}, {"seed", "5"}}};
  write_dataset_card(test_world(), folder.path(), text);
  const std::string stats = text_of_file(folder / "stats.yaml");
  EXPECT_TRUE(stats.starts_with("mean:\n  \"u\": 9999.9"));
  expect_words(stats, {"\nstd:\n", "\nrms:\n", "\nmean_delta:\n", "\nstd_delta:\n", "\nrms_delta:\n",
                       "\n  \"no\": -0.00"});
  expect_words(text_of_file(folder / "line.yaml"),
               {"dataset_name: \"line\"\n", "spatial_resolution: [11]\n", "constant_scalar_names: [\"nu\"]\n",
                "  0: [\"u\", \"no\"]\n", "boundary_condition_types: [\"PERIODIC\"]\n", "n_files: 2\n",
                "n_trajectories_per_file: [2, 3]\n", "n_steps_per_trajectory: [4, 4]\n"});
  const std::string card = text_of_file(folder / "DATASET.md");
  expect_words(card,
               {"# line\n", "| equation | u_t = \\|u\\| |", "| fields | u, no |", "nu from 0.01 to 0.03",
                "x: 11 points, the domain from 0 to 1.1, periodic", "4 frames, t from 0 to 1.5",
                "| initial states | noise |", "| in space | none |", "| in time | dice |",
                "| train | 2 | 5 | 4 |", "| valid | 0 | 0 |  |", "| test | 1 | 1 | 4 |",
                "| error_time | from 1e-05 to 2e-05 |", "| error_space | 3e-07 |", "| seed | 5 |",
                "data/train/line_000000.hdf5", "WellDataset(path=\".\", well_split_name=\"train\""});
  EXPECT_EQ(card.find("hidden"), std::string::npos);
  // The companions are the same, whoever writes them, and may be written again.
  test_world().barrier();
  if (test_world().is_root()) write_dataset_card(Comm::self(), folder.path(), text);
  EXPECT_EQ(text_of_file(folder / "stats.yaml"), stats);
  EXPECT_EQ(text_of_file(folder / "DATASET.md"), card);
}

TEST(DatasetCard, WithoutTrainingDataHasNoStatistics) {
  const TestFolder folder;
  expect_user_error(Exit::no_input, {"no trajectory file"},
                    [&] { write_dataset_card(test_world(), folder.path(), {}); });
  write_line(folder / "data/valid/line_000000.hdf5", 0, line(2));
  write_dataset_card(test_world(), folder.path(), {});
  EXPECT_FALSE(std::filesystem::exists(folder / "stats.yaml"));
  expect_words(text_of_file(folder / "line.yaml"), {"n_files: 1\n", "n_trajectories_per_file: [2]\n"});
  const std::string card = text_of_file(folder / "DATASET.md");
  expect_words(card, {"| valid | 1 | 2 | 4 |", "well_split_name=\"valid\""});
  EXPECT_EQ(card.find("stats.yaml"), std::string::npos);
  EXPECT_EQ(card.find("| equation |"), std::string::npos);
}

TEST(DatasetCard, OfSingleFramesHasNoDifferences) {
  const TestFolder folder;
  write_line(folder / "data/train/line_000000.hdf5", 0, line(2, 1));
  write_dataset_card(test_world(), folder.path(), {});
  expect_words(text_of_file(folder / "stats.yaml"),
               {"rms:\n  \"u\": 9999.9", "mean_delta: {}\nstd_delta: {}\nrms_delta: {}\n"});
}

TEST(DatasetCard, RefusesWhatDoesNotBelongTogether) {
  const TestFolder folder;
  const auto describe = [&] { write_dataset_card(test_world(), folder.path(), {}); };
  const auto second = folder / "data/test/line_000000.hdf5";
  const auto refused = [&](const std::string& words, auto change) {
    auto layout = line(1);
    change(layout);
    write_line(second, 1, layout);
    expect_user_error(Exit::data, {"data/test/line_000000.hdf5", "same dataset", words}, describe);
  };
  write_line(folder / "data/train/line_000000.hdf5", 0, line(1));
  refused("another dataset's name", [](auto& l) { l.dataset_name = "other"; });
  refused("other fields", [](auto& l) { l.channels.pop_back(); });
  refused("other parameters", [](auto& l) { l.parameters.clear(); });
  refused("another boundary", [](auto& l) { l.axes[0].boundary = Boundary::open; });
  put_file(second, "garbage");
  expect_user_error(Exit::data, {"line_000000.hdf5", "not an HDF5 file"}, describe);
  EXPECT_FALSE(std::filesystem::exists(folder / "DATASET.md"));
}

TEST(DatasetCard, NamesThatMakeNoFileAreRefused) {
  const TestFolder folder;
  auto layout = line(1);
  layout.dataset_name = "stats";
  write_line(folder / "data/train/a.hdf5", 0, layout);
  expect_user_error(Exit::refused, {"'stats'"}, [&] { write_dataset_card(test_world(), folder.path(), {}); });
}

TEST(DatasetCard, AFullDiskIsAnErrorOnAllRanksAndKeepsTheOldOne) {
  const TestFolder folder;
  write_line(folder / "data/train/line_000000.hdf5", 0, line(1));
  write_dataset_card(test_world(), folder.path(), {});
  const std::string before = text_of_file(folder / "stats.yaml");
  test_world().barrier();
  const FileSizeLimit limit(test_world().is_root() ? 10 : 0);
  EXPECT_THROW(write_dataset_card(test_world(), folder.path(), {}), UserError);
  EXPECT_EQ(text_of_file(folder / "stats.yaml"), before);
}
