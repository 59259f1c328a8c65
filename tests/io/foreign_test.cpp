// Trajectory files that hypercast did not write: what is taken, what is refused in which words, and that none
// crashes or hangs.

#include "io/foreign.hpp"

#include <cmath>
#include <random>

#include "helpers.hpp"
#include "io/durable.hpp"
#include "io/hdf5.hpp"
#include "whirl.hpp"

using namespace hypercast;
using namespace hypercast::io;
using namespace whirl;

namespace {

const std::vector<std::string> channels{"density",   "forcing",   "velocity_x", "velocity_y",
                                        "stress_xx", "stress_xy", "stress_yx",  "stress_yy"};

// field, component of each channel
constexpr std::pair<int, int> places[] = {{1, 0}, {3, 0}, {4, 0}, {4, 1}, {5, 0}, {5, 1}, {5, 2}, {5, 3}};

void expect_whirl(const TrajectoryReader& reader, int b, Range range) {
  std::vector<float> values(range.size() * points * channels.size(), -1);
  reader.read(b, range, values);
  std::size_t at = 0, wrong = 0;
  for (auto t = range.begin; t < range.end; ++t)
    for (int p = 0; p < points; ++p)
      for (const auto& [field, component] : places)
        wrong += values[at++] != value(field, field == 3 ? 0 : b, int(t), p, component);
  EXPECT_EQ(wrong, 0u);
}

// Changes of an open file.
void remove(hid_t file, const std::string& name) {
  h5::call(H5Ldelete(file, name.c_str(), H5P_DEFAULT), name);
}

h5::Object object(hid_t file, const std::string& name) {
  return h5::Object(h5::call(H5Oopen(file, name.c_str(), H5P_DEFAULT), name));
}

void replace_axis(hid_t file, const std::string& name, const std::vector<double>& values) {
  remove(file, name);
  put_axis(file, name, values);
}

template <class T>
void replace_attribute(hid_t where, const std::string& name, const T& content) {
  h5::remove_attribute(where, name);
  h5::write(where, name, content);
}

// Opens it as training does: looks, then reads all.
void read_all(const std::filesystem::path& path) {
  const TrajectoryReader reader(test_world(), path);
  const auto& layout = reader.layout();
  std::vector<float> values(layout.times.size() * layout.frame_size());
  for (int b = 0; b < layout.trajectories; ++b)
    reader.read(b, {0, std::int64_t(layout.times.size())}, values);
}

}  // namespace

TEST(Foreign, FieldsOfAllKindsAreChannels) {
  const TestFolder folder;
  put_file(folder / "a b.h5", bytes_of());
  const auto file = look_at_trajectories(test_world(), {folder / "a b.h5"}).at(0);
  EXPECT_FALSE(file.sealed);
  EXPECT_EQ(file.layout.dataset_name, "my_whirl");
  EXPECT_EQ(file.layout.channels, channels);
  EXPECT_EQ(file.layout.trajectories, trajectories);
  EXPECT_EQ(file.layout.times, (std::vector<double>{0, 0.5, 2}));
  EXPECT_EQ(file.layout.parameters, (std::vector<std::pair<std::string, double>>{{"Re", 400}, {"Sc", 0.7}}));
  EXPECT_EQ(file.passed_over, std::vector<std::string>{"'t0_fields/porosity' does not vary in time"});
  ASSERT_EQ(file.layout.axes.size(), 2u);
  EXPECT_EQ(file.layout.axes[0].boundary, Boundary::periodic);
  EXPECT_EQ(file.layout.axes[1].boundary, Boundary::dirichlet);
  EXPECT_EQ(file.layout.axes[0].length(), 1);

  const TrajectoryReader reader(test_world(), file);
  for (int b = 0; b < trajectories; ++b) expect_whirl(reader, b, {0, frames});
  // Every rank another range, the last rank none.
  const int rank = test_world().rank();
  const bool none = rank == test_world().size() - 1 && rank > 0;
  expect_whirl(reader, rank % trajectories, none ? Range{} : Range{rank % frames, frames});
}

TEST(Foreign, FilesAreLookedAtInTheirOrder) {
  const TestFolder folder;
  std::vector<std::filesystem::path> paths;
  for (int k = 0; k < 5; ++k) {
    paths.push_back(folder / std::to_string(k));
    auto layout = layout_2d();
    layout.trajectories = k + 1;
    if (k == 2)
      put_file(paths[k], bytes_of());
    else
      write_sample(test_world(), paths[k], layout);
  }
  const auto files = look_at_trajectories(test_world(), paths);
  ASSERT_EQ(files.size(), paths.size());
  for (int k = 0; k < 5; ++k) {
    EXPECT_EQ(files[k].path, paths[k]);
    EXPECT_EQ(files[k].sealed, k != 2);
    EXPECT_EQ(files[k].layout.trajectories, k == 2 ? 2 : k + 1);
  }
  std::filesystem::remove(paths[1]);
  put_file(paths[3], "x");
  expect_user_error(Exit::no_input, {"no such file", paths[1]},
                    [&] { look_at_trajectories(test_world(), paths); });
}

TEST(Foreign, SealedFilesThatWereChangedAreRefused) {
  const TestFolder folder;
  write_sample(test_world(), folder / "a.hdf5", layout_2d());
  const std::string sealed = file_bytes(folder / "a.hdf5");
  std::string changed = sealed;
  changed[changed.size() - 3] ^= 1;  // a value
  put_file(folder / "b.hdf5", changed);
  expect_user_error(Exit::data, {"b.hdf5", "changed after hypercast wrote it"},
                    [&] { TrajectoryReader(test_world(), folder / "b.hdf5"); });
  changed = sealed;
  changed[3] ^= 1;  // its first word; it must not pass for a file without a seal
  put_file(folder / "b.hdf5", changed);
  expect_user_error(Exit::data, {"b.hdf5", "not a hypercast trajectory"},
                    [&] { TrajectoryReader(test_world(), folder / "b.hdf5"); });
  // Without its seal it is a file like any other.
  put_file(folder / "c.hdf5", std::string(512, '\0') + sealed.substr(512));
  const TrajectoryReader reader(test_world(), folder / "c.hdf5");
  EXPECT_EQ(reader.layout().times, TrajectoryReader(test_world(), folder / "a.hdf5").layout().times);
  read_all(folder / "c.hdf5");
}

TEST(Foreign, AFileThatChangesInBetweenIsNotRead) {
  const TestFolder folder;
  put_file(folder / "a.h5", bytes_of());
  const TrajectoryReader reader(test_world(), folder / "a.h5");
  std::vector<float> values(frames * points * channels.size());
  put_file(folder / "a.h5", bytes_of([](hid_t file) {
             fill(file);
             replace_attribute(file, "Re", 401.0);
           }));
  expect_user_error(Exit::data, {"a.h5", "changed while it was read"}, [&] {
    reader.read(0, {0, frames}, values);
  });
  put_file(folder / "a.h5", "gone");
  expect_user_error(Exit::data, {"a.h5", "not an HDF5 file"}, [&] { reader.read(0, {0, frames}, values); });
}

TEST(Foreign, EveryFaultIsNamed) {
  const TestFolder folder;
  const auto path = folder / "f.hdf5";
  const auto refused = [&](const std::vector<std::string>& words, void (*change)(hid_t)) {
    if (test_world().is_root()) {
      write_file(path, bytes_of());
      const auto file = h5::open_to_change(path);
      change(file);
    }
    test_world().barrier();
    auto all = words;
    all.push_back("f.hdf5: ");
    expect_user_error(Exit::data, all, [&] { TrajectoryReader(test_world(), path); });
  };
  refused({"no 'dimensions'"}, [](hid_t f) { remove(f, "dimensions"); });
  refused({"no 'dimensions/time'"}, [](hid_t f) { remove(f, "dimensions/time"); });
  refused({"no 'dimensions/y'"}, [](hid_t f) { remove(f, "dimensions/y"); });
  refused({"no 't0_fields', 't1_fields' or 't2_fields'"}, [](hid_t f) {
    for (const char* group : {"t0_fields", "t1_fields", "t2_fields"}) remove(f, group);
  });
  refused({"no 't1_fields/velocity'"}, [](hid_t f) { remove(f, "t1_fields/velocity"); });
  refused({"'t1_fields' lacks attribute 'field_names'"},
          [](hid_t f) { h5::remove_attribute(object(f, "t1_fields"), "field_names"); });
  refused({"'t0_fields' is not a group"}, [](hid_t f) {
    remove(f, "t0_fields");
    put_axis(f, "t0_fields", {1, 2});
  });
  refused({"'t1_fields/velocity' is a group"}, [](hid_t f) {
    remove(f, "t1_fields/velocity");
    h5::create_group(f, "t1_fields/velocity");
  });
  refused({"'t1_fields/velocity' does not hold numbers"}, [](hid_t f) {
    remove(f, "t1_fields/velocity");
    h5::write_text_dataset(f, "t1_fields/velocity", "fast");
  });
  refused({"field 't1_fields/velocity' has shape (2, 3, 4, 3); ", "ask for (2, 3, 4, 3, 2)"}, [](hid_t f) {
    remove(f, "t1_fields/velocity");
    put_field<float>(object(f, "t1_fields"), "velocity", 4, 0, true, true);
  });
  refused({"field 't2_fields/stress' has shape (3, 4, 3, 2, 2); trajectories, times and axes"}, [](hid_t f) {
    const auto group = object(f, "t2_fields");
    remove(f, "t2_fields/stress");
    put_field<float>(group, "stress", 5, 2, false, true);
    const auto field = object(f, "t2_fields/stress");
    h5::remove_attribute(field, "sample_varying");
  });
  refused({"field 't0_fields/density' holds no trajectory"}, [](hid_t f) {
    remove(f, "t0_fields/density");
    h5::write_dataset<float>(f, "t0_fields/density", {0, frames, nx, ny}, {});
  });
  refused({"attribute 'n_trajectories' does not fit fields of 2 trajectories"},
          [](hid_t f) { replace_attribute(f, "n_trajectories", std::int64_t{3}); });
  refused({"attribute 'n_spatial_dims' does not fit 2 axes"},
          [](hid_t f) { replace_attribute(f, "n_spatial_dims", std::int64_t{3}); });
  refused({"'dimensions' names 0 axes"}, [](hid_t f) {
    replace_attribute(object(f, "dimensions"), "spatial_dims", std::vector<std::string>{});
  });
  refused({"names 'x' twice"}, [](hid_t f) {
    replace_attribute(object(f, "dimensions"), "spatial_dims", std::vector<std::string>{"x", "x"});
  });
  refused({"holds '../x', which is no name"}, [](hid_t f) {
    replace_attribute(object(f, "dimensions"), "spatial_dims", std::vector<std::string>{"../x", "y"});
  });
  refused({"the name 'velocity_x' stands for two things"}, [](hid_t f) {
    const auto group = object(f, "t0_fields");
    replace_attribute(group, "field_names", std::vector<std::string>{"density", "velocity_x"});
    put_field<float>(group, "velocity_x", 6, 0, true, true);
  });
  refused({"grid_type is 'spherical'"},
          [](hid_t f) { replace_attribute(f, "grid_type", std::string("spherical")); });
  refused({"'dimensions/x' is not uniform"}, [](hid_t f) { replace_axis(f, "dimensions/x", {0, 1, 2, 4}); });
  refused({"'dimensions/x' does not rise: its value 2 is"}, [](hid_t f) {
    replace_axis(f, "dimensions/x", {0, 1, 1, 2});
  });
  refused({"'dimensions/x' has shape (1) and"}, [](hid_t f) { replace_axis(f, "dimensions/x", {0}); });
  refused({"'dimensions/x' has shape (0) and"}, [](hid_t f) { replace_axis(f, "dimensions/x", {}); });
  refused({"'dimensions/x' has shape (4, 1) and"}, [](hid_t f) {
    remove(f, "dimensions/x");
    h5::write_dataset<float>(f, "dimensions/x", {4, 1}, std::vector<float>{0, 1, 2, 3});
  });
  refused({"'dimensions/x' holds a value that is not finite"}, [](hid_t f) {
    replace_axis(f, "dimensions/x", {0, 1, NAN, 3});
  });
  refused({"'dimensions/time' holds a value that is not finite"}, [](hid_t f) {
    replace_axis(f, "dimensions/time", {0, 1, INFINITY});
  });
  refused({"'dimensions/time' does not rise: its value 1 is"}, [](hid_t f) {
    replace_axis(f, "dimensions/time", {0, -1, 2});
  });
  refused({"'dimensions/time' has shape (0) and"}, [](hid_t f) { replace_axis(f, "dimensions/time", {}); });
  refused({"'dimensions/time' differs between trajectories"}, [](hid_t f) {
    remove(f, "dimensions/time");
    h5::write_dataset<float>(f, "dimensions/time", {2, 3}, std::vector<float>{0, 1, 2, 0, 1, 3});
  });
  refused({"has unknown bc_type 'STICKY'"}, [](hid_t f) {
    replace_attribute(object(f, "boundary_conditions/y_wall"), "bc_type", std::string("sticky"));
  });
  refused({"no field that varies in time", "passed over: 't0_fields/porosity' does not vary in time"},
          [](hid_t f) {
            replace_attribute(object(f, "t0_fields"), "field_names", std::vector<std::string>{"porosity"});
            remove(f, "t1_fields");
            remove(f, "t2_fields");
          });
}

TEST(Foreign, BoundariesDecideByAxis) {
  const TestFolder folder;
  put_file(folder / "f.h5", bytes_of([](hid_t file) {
             fill(file);
             remove(file, "boundary_conditions/x_periodic");
             // Another kind at the other end.
             put_boundary(object(file, "boundary_conditions"), "yL_open", {"y"}, "OPEN");
           }));
  const auto layout = look_at_trajectories(test_world(), {folder / "f.h5"}).at(0).layout;
  EXPECT_EQ(layout.axes[0].boundary, Boundary::dirichlet);  // the cylinder's group is all there is
  EXPECT_EQ(layout.axes[1].boundary, Boundary::open);
}

TEST(Foreign, OneTrajectoryNeedsNoAxisOfItsOwn) {
  const TestFolder folder;
  put_file(folder / "f.h5", bytes_of([](hid_t file) {
             fill(file);
             for (const char* name : {"t1_fields", "t2_fields"}) remove(file, name);
             h5::remove_attribute(file, "n_trajectories");
             replace_attribute(object(file, "t0_fields"), "field_names", std::vector<std::string>{"forcing"});
           }));
  const TrajectoryReader reader(test_world(), folder / "f.h5");
  EXPECT_EQ(reader.layout().trajectories, 1);
  std::vector<float> values(points);
  reader.read(0, {2, 3}, values);
  for (int p = 0; p < points; ++p) EXPECT_EQ(values[p], value(3, 0, 2, p, 0));
}

TEST(Foreign, ValuesThatAreNotFiniteAreFound) {
  const TestFolder folder;
  put_file(folder / "f.h5", bytes_of([](hid_t file) {
             fill(file);
             remove(file, "t0_fields/density");
             std::vector<double> values(trajectories * frames * points, 1.0);
             values[(frames + 1) * points + 5] = 1e300;  // too large for single precision
             h5::write_dataset<double>(file, "t0_fields/density", {trajectories, frames, nx, ny}, values);
           }));
  expect_user_error(Exit::data,
                    {"f.h5: trajectory 1, frame 1: field 'density' holds a value that is not finite"},
                    [&] { read_all(folder / "f.h5"); });
}

TEST(Foreign, TruncatedFilesAreRefused) {
  const TestFolder folder;
  const std::string bytes = bytes_of();
  for (int part = 0; part < 25; ++part) {
    put_file(folder / "cut.h5", bytes.substr(0, bytes.size() * part / 25));
    expect_user_error(Exit::data, {"cut.h5: "}, [&] { read_all(folder / "cut.h5"); });
  }
}

// Most bytes are metadata. What is still a trajectory file may be read; nothing may crash, hang, or go
// unnamed.
TEST(Foreign, DamagedFilesAreRefusedOrRead) {
  const TestFolder folder;
  const std::string bytes = bytes_of();
  std::mt19937 random(7);
  int refused = 0;
  for (int round = 0; round < 40; ++round) {
    std::string damaged = bytes;
    for (int flips = 1 + round % 3; flips > 0; --flips) damaged[random() % bytes.size()] ^= 1 << random() % 8;
    put_file(folder / "damaged.h5", damaged);
    try {
      read_all(folder / "damaged.h5");
    } catch (const UserError& error) {
      ++refused;
      EXPECT_EQ(error.code(), Exit::data) << error.what();
      EXPECT_NE(std::string(error.what()).find("damaged.h5: "), std::string::npos) << error.what();
    }
  }
  EXPECT_GT(refused, 5);
}
