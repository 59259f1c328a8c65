#include "io/trajectory.hpp"

#include <cmath>
#include <limits>

#include "helpers.hpp"
#include "io/durable.hpp"
#include "io/hdf5.hpp"

using namespace hypercast;
using namespace hypercast::io;

namespace {

void expect_sample(const TrajectoryReader& reader, const TrajectoryLayout& layout, int b, Range frames) {
  std::vector<float> values(frames.size() * layout.frame_size(), -1);
  reader.read(b, frames, values);
  std::size_t at = 0, wrong = 0;
  for (auto t = frames.begin; t < frames.end; ++t)
    for (std::size_t point = 0; point < layout.points(); ++point)
      for (int c = 0; c < int(layout.channels.size()); ++c)
        wrong += values[at++] != sample_value(b, int(t), c, point);
  EXPECT_EQ(wrong, 0u) << "trajectory " << b << ", frames " << frames.begin << " to " << frames.end;
}

void round_trip(const TrajectoryLayout& layout) {
  const TestFolder folder;
  write_sample(test_world(), folder / "a b.hdf5", layout);
  EXPECT_TRUE(std::filesystem::exists(folder / "a b.xdmf"));
  EXPECT_FALSE(std::filesystem::exists(folder / "a b.hdf5.part"));
  TrajectoryReader reader(test_world(), folder / "a b.hdf5");
  const auto& read = reader.layout();
  EXPECT_EQ(read.dataset_name, layout.dataset_name);
  EXPECT_EQ(read.channels, layout.channels);
  EXPECT_EQ(read.trajectories, layout.trajectories);
  EXPECT_EQ(read.parameters, layout.parameters);
  ASSERT_EQ(read.axes.size(), layout.axes.size());
  for (std::size_t d = 0; d < layout.axes.size(); ++d) {
    EXPECT_EQ(read.axes[d].name, layout.axes[d].name);
    EXPECT_EQ(read.axes[d].boundary, layout.axes[d].boundary);
    EXPECT_NEAR(read.axes[d].length(), layout.axes[d].length(), 1e-15);  // not the 1e-8 of float32
    EXPECT_NEAR(read.axes[d].lower(), layout.axes[d].lower(), 1e-15);
  }
  ASSERT_EQ(read.times.size(), layout.times.size());
  for (std::size_t t = 0; t < layout.times.size(); ++t) EXPECT_NEAR(read.times[t], layout.times[t], 1e-15);
  const auto frames = std::int64_t(layout.times.size());
  for (int b = 0; b < layout.trajectories; ++b) expect_sample(reader, layout, b, {0, frames});
  // Every rank another range, the last rank none.
  const int rank = test_world().rank();
  const bool none = rank == test_world().size() - 1 && rank > 0;
  expect_sample(reader, layout, rank % layout.trajectories, none ? Range{} : Range{rank % frames, frames});
}

void put_hdf5(const std::filesystem::path& path, auto fill) {
  if (test_world().is_root()) {
    const h5::File file = h5::create_in_memory();
    fill(file);
    write_durably(path, std::span<const char>(h5::image(file)));
  }
  test_world().barrier();
}

// The least that makes a trajectory file: one axis of 4 points, 2 frames.
void minimal(hid_t file, const std::vector<std::string>& channels, const h5::Shape& shape,
             double nan_at = -1) {
  const auto dimensions = h5::create_group(file, "dimensions");
  h5::write(dimensions, "spatial_dims", std::vector<std::string>{"x"});
  const std::vector<double> time = {0, 1}, x = {0, 1, nan_at == 2 ? NAN : 2, 3};
  h5::write_dataset<double>(dimensions, "time", {2}, time);
  h5::write_dataset<double>(dimensions, "x", {4}, x);
  const auto fields = h5::create_group(file, "t0_fields");
  h5::write(fields, "field_names", channels);
  std::size_t size = 1;
  for (auto extent : shape) size *= extent;
  std::vector<double> values(size);
  for (std::size_t i = 0; i < size; ++i) values[i] = double(i) + 0.5;
  h5::write_dataset<double>(fields, "u", shape, values);
}

}  // namespace

TEST(Trajectory, RoundTrip2d) { round_trip(layout_2d()); }

TEST(Trajectory, RoundTrip1dWithMoreRanksThanRows) {
  round_trip({.dataset_name = "line",
              .channels = {"u"},
              .axes = {axis("x", 3, -1.0, 0.7, Boundary::dirichlet)},
              .times = {0.3},
              .trajectories = 1,
              .parameters = {}});
}

TEST(Trajectory, RoundTrip3d) {
  round_trip({.dataset_name = "box",
              .channels = {"u", "v", "w"},
              .axes = {axis("x", 4, 0, 0.25, Boundary::periodic), axis("y", 3, 0, 0.5, Boundary::open),
                       axis("z", 5, -0.5, 0.25, Boundary::dirichlet)},
              .times = {1, 2, 3, 4},
              .trajectories = 3,
              .parameters = {{"nu", 1e-3}}});
}

TEST(Trajectory, AxesKnowTheirDomain) {
  EXPECT_DOUBLE_EQ(axis("x", 10, 0, 0.1, Boundary::periodic).length(), 1.0);
  EXPECT_DOUBLE_EQ(axis("x", 11, 0, 0.1, Boundary::dirichlet).length(), 1.0);
  EXPECT_DOUBLE_EQ(axis("x", 10, 0.05, 0.1, Boundary::neumann).length(), 1.0);
  EXPECT_NEAR(axis("x", 10, 0.05, 0.1, Boundary::neumann).lower(), 0.0, 1e-15);
}

TEST(Trajectory, TheFileDoesNotKnowHowManyRanksWroteIt) {
  const TestFolder folder;
  write_sample(test_world(), folder / "all.hdf5", layout_2d());
  if (test_world().is_root()) {
    write_sample(Comm::self(), folder / "one.hdf5", layout_2d());
    const std::string all = file_bytes(folder / "all.hdf5"), one = file_bytes(folder / "one.hdf5");
    EXPECT_TRUE(all == one) << "sizes " << all.size() << " and " << one.size();
  }
}

TEST(Trajectory, ALongDeckFitsIntoItsAttribute) {
  const TestFolder folder;
  write_sample(test_world(), folder / "a.hdf5", layout_2d(), {{"deck_toml", std::string(200000, 'x')}});
  TrajectoryReader reader(test_world(), folder / "a.hdf5");
  EXPECT_EQ(reader.layout().channels.size(), 2u);
}

TEST(Trajectory, MissingAndForeignFilesAreRefused) {
  const TestFolder folder;
  const auto open = [&](const std::string& name) { TrajectoryReader reader(test_world(), folder / name); };
  expect_user_error(Exit::no_input, {"absent.hdf5", "no such file"}, [&] { open("absent.hdf5"); });
  expect_user_error(Exit::data, {"not a file"}, [&] { open(""); });
  put_file(folder / "text.hdf5", std::string(5000, 'x'));
  expect_user_error(Exit::data, {"text.hdf5", "not an HDF5 file"}, [&] { open("text.hdf5"); });
  put_file(folder / "empty.hdf5", "");
  expect_user_error(Exit::data, {"empty.hdf5", "not an HDF5 file"}, [&] { open("empty.hdf5"); });
}

TEST(Trajectory, TruncatedFilesAreRefused) {
  const TestFolder folder;
  write_sample(test_world(), folder / "a.hdf5", layout_2d());
  const std::string bytes = file_bytes(folder / "a.hdf5");
  for (int percent = 5; percent < 100; percent += 5) {
    put_file(folder / "cut.hdf5", bytes.substr(0, bytes.size() * percent / 100));
    expect_user_error(Exit::data, {"cut.hdf5"}, [&] { TrajectoryReader(test_world(), folder / "cut.hdf5"); });
  }
}

TEST(Trajectory, WrongLayoutsAreNamed) {
  const TestFolder folder;
  const auto path = folder / "f.hdf5";
  const auto refused = [&](const std::vector<std::string>& words, auto fill) {
    put_hdf5(path, fill);
    expect_user_error(Exit::data, words, [&] { TrajectoryReader(test_world(), path); });
  };
  refused({"f.hdf5", "no 'dimensions'"}, [](hid_t) {});
  refused({"'dimensions' lacks attribute 'spatial_dims'"},
          [](hid_t f) { h5::create_group(f, "dimensions"); });
  refused({"no 't0_fields/v'"}, [](hid_t f) { minimal(f, {"u", "v"}, {1, 2, 4}); });
  refused({"t0_fields/u", "(1, 2, 5)", "(1, 2, 4)"}, [](hid_t f) { minimal(f, {"u"}, {1, 2, 5}); });
  refused({"t0_fields/u", "has shape (2, 4)"}, [](hid_t f) { minimal(f, {"u"}, {2, 4}); });
  refused({"no field that varies in time"}, [](hid_t f) { minimal(f, {}, {1, 2, 4}); });
  refused({"dimensions/x", "not finite"}, [](hid_t f) { minimal(f, {"u"}, {1, 2, 4}, 2); });
  refused({"n_trajectories"}, [](hid_t f) {
    minimal(f, {"u"}, {3, 2, 4});
    h5::write(f, "n_trajectories", std::int64_t{2});
  });
}

TEST(Trajectory, DoublesOfForeignFilesAreTaken) {
  const TestFolder folder;
  put_hdf5(folder / "f.h5", [](hid_t f) { minimal(f, {"u"}, {1, 2, 4}); });
  const auto files = trajectory_files(test_world(), folder.path());
  ASSERT_EQ(files.size(), 1u);
  TrajectoryReader reader(test_world(), files[0]);
  EXPECT_EQ(reader.layout().axes[0].boundary, Boundary::open);
  std::vector<float> values(4);
  reader.read(0, {1, 2}, values);
  EXPECT_EQ(values, (std::vector<float>{4.5, 5.5, 6.5, 7.5}));
}

TEST(Trajectory, AValueThatIsNotFiniteIsFoundByAllRanks) {
  const TestFolder folder;
  const auto layout = layout_2d();
  TrajectoryWriter writer(test_world(), folder / "nan.hdf5", layout, {});
  const auto block = block_of(test_world(), layout);
  const auto n = block.points();
  for (int b = 0; b < 2; ++b)
    for (int t = 0; t < 3; ++t) {
      std::vector<float> values(2 * n, 1.0f);
      if (b == 1 && t == 2 && n > 0) values[2 * n - 1] = std::numeric_limits<float>::infinity();
      writer.write(b, t, block, values);
    }
  writer.finish();
  TrajectoryReader reader(test_world(), folder / "nan.hdf5");
  std::vector<float> values(3 * layout.frame_size());
  reader.read(0, {0, 3}, values);
  // Only the last rank meets it; all must hear of it.
  const bool meets = test_world().rank() == test_world().size() - 1;
  expect_user_error(Exit::data, {"nan.hdf5", "trajectory 1", "frame 2", "'v'", "not finite"}, [&] {
    reader.read(meets ? 1 : 0, {0, 3}, values);
  });
}

TEST(Trajectory, FilesThatCannotBeCreatedAreAUserError) {
  const TestFolder folder;
  put_file(folder / "file", "x");
  expect_user_error(Exit::cannot_create, {"cannot create", "a.hdf5.part"}, [&] {
    TrajectoryWriter writer(test_world(), folder / "file" / "data" / "a.hdf5", layout_2d(), {});
  });
}

TEST(Trajectory, AFullDiskIsMetByAllRanksAndBeforeTheComputation) {
  const TestFolder folder;
  const bool last = test_world().rank() == test_world().size() - 1;
  for (std::size_t most : {0, 100, 3000, 12000, 20000}) {
    const FileSizeLimit limit(test_world().is_root() ? most : 0);
    if (most > 0)
      expect_user_error(Exit::cannot_create, {"a.hdf5.part", "File too large"}, [&] {
        TrajectoryWriter writer(test_world(), folder / "a.hdf5", layout_2d(), {{"software", "test"}});
      });
  }
  const auto layout = layout_2d();
  TrajectoryWriter writer(test_world(), folder / "b.hdf5", layout, {});
  const auto block = block_of(test_world(), layout);
  const std::vector<float> values(2 * block.points(), 1.0f);
  writer.write(0, 0, block, values);
  const FileSizeLimit limit(last ? 100 : 0);  // one rank cannot write
  try {
    writer.write(0, 1, block, values);
    ADD_FAILURE() << "a failed write went unnoticed";
  } catch (const UserError& error) {
    EXPECT_EQ(error.code(), Exit::io);
    EXPECT_NE(std::string(error.what()).find("File too large"), std::string::npos) << error.what();
  }
}

TEST(Trajectory, BlocksOfAnyShapeTileTheGrid) {
  const TestFolder folder;
  TrajectoryLayout layout{
      .dataset_name = "box",
      .channels = {"u", "v"},
      .axes = {axis("x", 5, 0, 1, Boundary::periodic), axis("y", 7, 0, 1, Boundary::periodic),
               axis("z", 6, 0, 1, Boundary::periodic)},
      .times = {0, 1},
      .trajectories = 1,
      .parameters = {}};
  const int size = test_world().size(), rank = test_world().rank();
  for (int cut = 0; cut < 4; ++cut) {  // which axis is cut; 3: the last two, in two by two
    TrajectoryWriter writer(test_world(), folder / "box.hdf5", layout, {});
    Block block{{0, 0, 0}, {5, 7, 6}};
    const auto take = [&](int d, int part, int parts) {
      const Range range = share_of(block.count[d], part, parts);
      block.start[d] = int(range.begin);
      block.count[d] = int(range.size());
    };
    if (cut < 3)
      take(cut, rank, size);
    else {
      const int rows = size % 2 ? 1 : 2;
      take(1, rank % rows, rows);
      take(2, rank / rows, size / rows);
    }
    for (int t = 0; t < 2; ++t) {
      std::vector<float> values;
      for (int c = 0; c < 2; ++c)
        for (int i = 0; i < block.count[0]; ++i)
          for (int j = 0; j < block.count[1]; ++j)
            for (int k = 0; k < block.count[2]; ++k)
              values.push_back(sample_value(
                  0, t, c, ((block.start[0] + i) * 7 + block.start[1] + j) * 6 + block.start[2] + k));
      writer.write(0, t, block, values);
    }
    writer.finish();
    expect_sample(TrajectoryReader(test_world(), folder / "box.hdf5"), layout, 0, {0, 2});
  }
}

TEST(Trajectory, UnfinishedFilesStayParts) {
  const TestFolder folder;
  { TrajectoryWriter writer(test_world(), folder / "a.hdf5", layout_2d(), {}); }
  EXPECT_FALSE(std::filesystem::exists(folder / "a.hdf5"));
  TrajectoryWriter writer(test_world(), folder / "b.hdf5", layout_2d(), {});
  EXPECT_THROW(writer.finish(), Error);  // frames are missing
  expect_user_error(Exit::no_input, {"no trajectory file"},
                    [&] { trajectory_files(test_world(), folder.path()); });
}

TEST(Trajectory, FilesComeSortedByName) {
  const TestFolder folder;
  for (const std::string name : {"b_000010.hdf5", "b_000002.h5", "c.part", "a.xdmf", "a.hdf5"})
    put_file(folder / name, "");
  const auto files = trajectory_files(test_world(), folder.path());
  ASSERT_EQ(files.size(), 3u);
  EXPECT_EQ(files[0].filename(), "a.hdf5");
  EXPECT_EQ(files[1].filename(), "b_000002.h5");
  EXPECT_EQ(files[2].filename(), "b_000010.hdf5");
  expect_user_error(Exit::no_input, {"cannot list"},
                    [&] { trajectory_files(test_world(), folder / "none"); });
}
