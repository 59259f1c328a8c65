// What a trajectory writer promises beyond the frames: the seal, going on where another left off, numbers
// measured at the end.

#include <cmath>
#include <numeric>

#include "core/random.hpp"
#include "helpers.hpp"
#include "io/hdf5.hpp"
#include "io/provenance_reader.hpp"

using namespace hypercast;
using namespace hypercast::io;

namespace {

const Provenance origin = {{"software", "test"}, {"solve_hash", "0123456789abcdef-2"}};
constexpr int all_frames = 6;  // of layout_2d

// Leaves a .part with the first frames. COLLECTIVE.
void leave_part(const std::filesystem::path& path, int frames, const Provenance& provenance = origin,
                const TrajectoryLayout& layout = layout_2d()) {
  TrajectoryWriter writer(test_world(), path, layout, provenance);
  write_frames(test_world(), writer, layout, 0, frames);
  writer.sync();
}

TrajectoryWriter::Resumed resume(const std::filesystem::path& path, int frames,
                                 const TrajectoryLayout& layout = layout_2d(),
                                 const Provenance& provenance = origin) {
  return TrajectoryWriter::resume(test_world(), path, layout, provenance, frames / 3, frames % 3);
}

// Every rank must hear the same reason, and the .part stays as it was.
void expect_unfit(const std::filesystem::path& path, const std::string& words,
                  const TrajectoryLayout& layout = layout_2d(), const Provenance& provenance = origin) {
  const std::string before = file_bytes(path.string() + ".part");
  const auto found = resume(path, 2, layout, provenance);
  EXPECT_FALSE(found.writer.has_value()) << words;
  EXPECT_NE(found.reason.find(words), std::string::npos) << "'" << found.reason << "' lacks " << words;
  EXPECT_EQ(test_world().broadcast(found.reason), found.reason);
  EXPECT_TRUE(file_bytes(path.string() + ".part") == before);
  test_world().barrier();
}

std::vector<double> measured_in(const std::filesystem::path& path, const std::string& name) {
  const h5::File file = h5::open(path);
  const h5::Group group(H5Gopen2(file, "provenance", H5P_DEFAULT));
  const h5::Attribute attribute(H5Aopen(group, name.c_str(), H5P_DEFAULT));
  const h5::Space extent(H5Aget_space(attribute));
  EXPECT_EQ(H5Sget_simple_extent_type(extent), H5S_SIMPLE);
  EXPECT_EQ(H5Sget_simple_extent_ndims(extent), 1);
  const h5::Type type(H5Aget_type(attribute));
  EXPECT_GT(H5Tequal(type, H5T_IEEE_F64LE), 0);
  std::vector<double> values(H5Sget_simple_extent_npoints(extent));
  if (values.empty()) return values;
  EXPECT_GE(H5Aread(attribute, H5T_NATIVE_DOUBLE, values.data()), 0);
  return values;
}

}  // namespace

TEST(SealedTrajectory, EveryBitFlipAndEveryCutIsFound) {
  const TestFolder folder;
  write_sample(test_world(), folder / "a.hdf5", layout_2d(), origin, {{"error", {1e-3}}});
  if (!test_world().is_root()) return;
  const std::string bytes = file_bytes(folder / "a.hdf5");
  EXPECT_TRUE(
      bytes.starts_with("hypercast trajectory 1 size=" + std::to_string(bytes.size() - 512) + " xxh3="));
  EXPECT_EQ(verify_trajectory(folder / "a.hdf5"), "");
  EXPECT_EQ(verify_trajectory(folder / "b.hdf5"), "no such file");
  const Random random(3, Random::Purpose::test);
  for (int i = 0; i < 400; ++i) {
    std::string damaged = bytes;
    const auto at = random.below(i % 2 ? 512 : std::uint32_t(bytes.size()), 2 * i);
    damaged[at] = char(damaged[at] ^ (1 << random.below(8, 2 * i + 1)));
    write_file(folder / "b.hdf5", damaged);
    EXPECT_NE(verify_trajectory(folder / "b.hdf5"), "") << "byte " << at;
  }
  for (std::size_t size = 0; size < bytes.size(); size += 97) {
    write_file(folder / "b.hdf5", bytes.substr(0, size));
    EXPECT_NE(verify_trajectory(folder / "b.hdf5"), "") << size << " bytes";
  }
}

TEST(SealedTrajectory, AnUnfinishedOneHasNoSeal) {
  const TestFolder folder;
  leave_part(folder / "a.hdf5", all_frames);
  EXPECT_EQ(verify_trajectory(folder / "a.hdf5.part"), "not a hypercast trajectory");
}

TEST(ResumedTrajectory, HasTheBytesOfAnUninterruptedOne) {
  const TestFolder folder;
  write_sample(test_world(), folder / "whole.hdf5", layout_2d(), origin, {{"error", {1e-3, 2e-3}}});
  for (int frames = 0; frames <= all_frames; ++frames) {
    leave_part(folder / "a.hdf5", frames);
    auto found = resume(folder / "a.hdf5", frames);
    ASSERT_TRUE(found.writer) << found.reason;
    write_frames(test_world(), *found.writer, layout_2d(), frames, all_frames);
    found.writer->finish({{"error", {1e-3, 2e-3}}});
    EXPECT_TRUE(file_bytes(folder / "a.hdf5") == file_bytes(folder / "whole.hdf5")) << frames << " frames";
    EXPECT_FALSE(std::filesystem::exists(folder / "a.hdf5.part"));
    test_world().barrier();
  }
}

TEST(ResumedTrajectory, ContinuesOnAnotherNumberOfRanks) {
  const TestFolder folder;
  write_sample(test_world(), folder / "whole.hdf5", layout_2d(), origin);
  leave_part(folder / "a.hdf5", 4);
  if (test_world().is_root()) {
    const Comm self = Comm::self();
    auto found = TrajectoryWriter::resume(self, folder / "a.hdf5", layout_2d(), origin, 1, 1);
    ASSERT_TRUE(found.writer) << found.reason;
    write_frames(self, *found.writer, layout_2d(), 4, all_frames);
    found.writer->finish();
    EXPECT_TRUE(file_bytes(folder / "a.hdf5") == file_bytes(folder / "whole.hdf5"));
  }
}

TEST(ResumedTrajectory, KeepsTheProvenanceOfTheFirstWriter) {
  const TestFolder folder;
  const Provenance first = {{"date", "monday"}, origin[1]}, second = {{"date", "tuesday, later"}, origin[1]};
  leave_part(folder / "a.hdf5", 1, first);
  auto found = resume(folder / "a.hdf5", 1, layout_2d(), second);
  ASSERT_TRUE(found.writer) << found.reason;
  write_frames(test_world(), *found.writer, layout_2d(), 1, all_frames);
  found.writer->finish();
  EXPECT_EQ(read_provenance(folder / "a.hdf5", "date"), "monday");
  EXPECT_EQ(verify_trajectory(folder / "a.hdf5"), "");
}

TEST(ResumedTrajectory, WhatWasWrittenCanBeReadBack) {
  const TestFolder folder;
  leave_part(folder / "a.hdf5", 4);
  auto found = resume(folder / "a.hdf5", 4);
  ASSERT_TRUE(found.writer) << found.reason;
  const auto layout = layout_2d();
  for (int k = 0; k < 4; ++k) {
    // Another cut than it was written with: along the second axis.
    const Range mine = share_of(5, test_world().rank(), test_world().size());
    const Block block{{0, int(mine.begin)}, {7, int(mine.size())}};
    std::vector<float> values(2 * block.points(), -1), wanted;
    found.writer->read_back(k / 3, k % 3, block, values);
    for (int c = 0; c < 2; ++c)
      for (int i = 0; i < 7; ++i)
        for (auto j = mine.begin; j < mine.end; ++j)
          wanted.push_back(sample_value(k / 3, k % 3, c, 5 * i + j));
    EXPECT_EQ(values, wanted) << "frame " << k;
  }
  const auto block = block_of(test_world(), layout);
  std::vector<float> values(2 * block.points());
  EXPECT_THROW(found.writer->read_back(1, 1, block, values), Error);  // never written
  EXPECT_THROW(found.writer->read_back(2, 0, block, values), Error);  // outside
  EXPECT_THROW(found.writer->finish(), Error);                        // frames are missing
}

TEST(ResumedTrajectory, WhatDoesNotFitIsSaidToAllRanks) {
  const TestFolder folder;
  const auto path = folder / "a.hdf5";
  expect_unfit(path, "no such file");
  put_file(path.string() + ".part", "garbage");
  expect_unfit(path, "not an HDF5 file");
  leave_part(path, 3);
  const auto with = [](auto change) {
    auto layout = layout_2d();
    change(layout);
    return layout;
  };
  expect_unfit(path, "another dataset", with([](auto& l) { l.dataset_name = "other"; }));
  expect_unfit(path, "other fields", with([](auto& l) { l.channels = {"v", "u"}; }));
  expect_unfit(path, "another number of trajectories", with([](auto& l) { l.trajectories = 3; }));
  expect_unfit(path, "other parameters", with([](auto& l) { l.parameters[0].second += 1e-12; }));
  expect_unfit(path, "other times", with([](auto& l) { l.times.push_back(0.3); }));
  expect_unfit(path, "other times", with([](auto& l) { l.times[2] += 1e-9; }));
  expect_unfit(path, "another number of axes", with([](auto& l) { l.axes.pop_back(); }));
  expect_unfit(path, "other names", with([](auto& l) { l.axes[0].name = "r"; }));
  expect_unfit(path, "'y' has another boundary", with([](auto& l) { l.axes[1].boundary = Boundary::open; }));
  expect_unfit(path, "'x' has other points", with([](auto& l) { l.axes[0].points.push_back(1.0); }));
  expect_unfit(path, "'y' has other points", with([](auto& l) { l.axes[1].points[0] -= 1e-12; }));
  expect_unfit(path, "other settings", layout_2d(), {{"solve_hash", "fedcba9876543210-2"}});
  expect_unfit(path, "other settings", layout_2d(), {});
  EXPECT_TRUE(resume(path, 3).writer);
}

TEST(ResumedTrajectory, DamagedPartsAreNotContinued) {
  const TestFolder folder;
  const auto path = folder / "a.hdf5";
  leave_part(path, 3);
  const std::string bytes = file_bytes(path.string() + ".part");
  for (int percent = 0; percent < 100; percent += 7) {
    put_file(path.string() + ".part", bytes.substr(0, bytes.size() * percent / 100));
    expect_unfit(path, "it is ");
  }
}

TEST(ResumedTrajectory, AFinishedPartThatWasNotRenamedIsContinued) {
  const TestFolder folder;
  const auto path = folder / "a.hdf5", part = folder / "a.hdf5.part";
  write_sample(test_world(), path, layout_2d(), origin, {{"error", {1e-3, 2e-3}}});
  test_world().barrier();
  if (test_world().is_root()) std::filesystem::rename(path, part);
  test_world().barrier();
  auto found = resume(path, 5);
  ASSERT_TRUE(found.writer) << found.reason;
  EXPECT_NE(verify_trajectory(part), "");
  write_frames(test_world(), *found.writer, layout_2d(), 5, all_frames);
  found.writer->finish({{"error", {3e-3}}});
  EXPECT_EQ(verify_trajectory(path), "");
  EXPECT_EQ(measured_in(path, "error"), (std::vector<double>{3e-3}));
}

TEST(MeasuredNumbers, AreAttributesWithOneAxis) {
  const TestFolder folder;
  const auto path = folder / "a.hdf5";
  std::vector<double> many(8000);
  std::iota(many.begin(), many.end(), 0.25);
  const Measurements measured = {{"one", {0.1}}, {"many", many}, {"none", {}}, {"nan", {NAN, INFINITY}}};
  write_sample(test_world(), path, layout_2d(), origin, measured);
  EXPECT_EQ(verify_trajectory(path), "");
  EXPECT_EQ(measured_in(path, "one"), (std::vector<double>{0.1}));
  EXPECT_EQ(measured_in(path, "many"), many);
  EXPECT_EQ(measured_in(path, "none"), (std::vector<double>{}));
  EXPECT_TRUE(std::isnan(measured_in(path, "nan").at(0)));
  EXPECT_EQ(read_provenance(path, "solve_hash"), origin[1].second);
  // The fields are where they were, and HDF5 gave back the room it did not need.
  TrajectoryReader reader(test_world(), path);
  std::vector<float> values(layout_2d().frame_size());
  reader.read(1, {2, 3}, values);
  EXPECT_EQ(values[3], sample_value(1, 2, 1, 1));
  write_sample(test_world(), folder / "b.hdf5", layout_2d(), origin);
  EXPECT_LT(std::filesystem::file_size(path),
            std::filesystem::file_size(folder / "b.hdf5") + sizeof(double) * many.size() + 8192);
  if (test_world().is_root()) {
    write_sample(Comm::self(), folder / "one.hdf5", layout_2d(), origin, measured);
    EXPECT_TRUE(file_bytes(path) == file_bytes(folder / "one.hdf5"));
  }
}

TEST(MeasuredNumbers, WithBadNamesOrTooManyAreErrors) {
  const TestFolder folder;
  const std::vector<Measurements> bad = {
      {{"solve_hash", {1}}}, {{"error", {1}}, {"error", {2}}}, {{"error", std::vector<double>(8001)}}};
  TrajectoryWriter writer(test_world(), folder / "a.hdf5", layout_2d(), origin);
  write_frames(test_world(), writer, layout_2d(), 0, all_frames);
  for (const auto& measured : bad) EXPECT_THROW(writer.finish(measured), Error);
  writer.finish({{"error", {1}}});  // still good
  EXPECT_EQ(verify_trajectory(folder / "a.hdf5"), "");
}

TEST(MeasuredNumbers, AFullDiskIsAnErrorOnAllRanks) {
  const TestFolder folder;
  TrajectoryWriter writer(test_world(), folder / "a.hdf5", layout_2d(), origin);
  write_frames(test_world(), writer, layout_2d(), 0, all_frames);
  test_world().barrier();
  const auto size = std::filesystem::file_size(folder / "a.hdf5.part");
  const FileSizeLimit limit(test_world().is_root() ? size : 0);
  try {
    writer.finish({{"error", {1}}});
    ADD_FAILURE() << "a full disk went unnoticed";
  } catch (const UserError& error) {
    EXPECT_EQ(error.code(), Exit::io);
    EXPECT_NE(std::string(error.what()).find("File too large"), std::string::npos) << error.what();
  }
  EXPECT_FALSE(std::filesystem::exists(folder / "a.hdf5"));
}
