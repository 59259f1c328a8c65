#include "io/well_rules.hpp"

#include <cmath>
#include <functional>
#include <limits>

#include "helpers.hpp"
#include "io/inspector.hpp"

using namespace hypercast;
using namespace hypercast::io;

namespace {

using Texts = std::vector<std::string>;
constexpr hsize_t B = 2, T = 3, X = 4, Y = 5;

void flags(hid_t object, bool sample, bool time) {
  h5::write_bool(object, "sample_varying", sample);
  h5::write_bool(object, "time_varying", time);
}

h5::Dataset numbers(hid_t parent, const std::string& name, const h5::Shape& shape, bool sample, bool time) {
  std::size_t size = 1;
  for (const auto extent : shape) size *= extent;
  std::vector<float> values;
  for (std::size_t i = 0; i < size; ++i) values.push_back(0.25f * float(i));
  const h5::Dataset data = h5::create_dataset(parent, name, h5::stored<float>(), shape);
  h5::write_values(data, std::span<const float>(values));
  flags(data, sample, time);
  return h5::open_dataset(parent, name);
}

void field(hid_t parent, const std::string& name, const h5::Shape& shape, bool sample, bool time,
           const std::vector<bool>& along) {
  h5::write(numbers(parent, name, shape, sample, time), "dim_varying", along);
}

void boundary(hid_t parent, const std::string& name, const std::string& type, const Texts& dims,
              const h5::Shape& shape, const Texts& fields = {}) {
  const h5::Group group = h5::create_group(parent, name);
  h5::write(group, "bc_type", type);
  h5::write(group, "associated_dims", dims);
  h5::write(group, "associated_fields", fields);
  flags(group, false, false);
  std::size_t size = 1;
  for (const auto extent : shape) size *= extent;
  h5::write_values(h5::create_dataset(group, "mask", h5::bool_type(), shape), std::vector<bool>(size, true));
}

h5::Group fields_group(hid_t file, int order, const Texts& names) {
  h5::Group group = h5::create_group(file, "t" + std::to_string(order) + "_fields");
  h5::write(group, "field_names", names);
  return group;
}

// All that the layout allows: times that differ between trajectories, scalars and fields that vary with some
// things only, vectors and tensors, a boundary inside the domain.
void rich(hid_t file) {
  h5::write(file, "dataset_name", std::string("rich"));
  h5::write(file, "grid_type", std::string("cartesian"));
  h5::write(file, "n_spatial_dims", std::int64_t(2));
  h5::write(file, "n_trajectories", std::int64_t(B));
  h5::write(file, "simulation_parameters", Texts{"nu"});
  h5::write(file, "nu", 0.1);
  const auto dimensions = h5::create_group(file, "dimensions");
  h5::write(dimensions, "spatial_dims", Texts{"x", "y"});
  const std::vector<float> times{0, 1, 2, 0.5, 1.5, 2.5};
  const auto time = h5::create_dataset(dimensions, "time", h5::stored<float>(), {B, T});
  h5::write_values(time, std::span<const float>(times));
  flags(time, true, true);
  numbers(dimensions, "x", {X}, false, false);
  numbers(dimensions, "y", {Y}, false, false);
  const auto scalars = h5::create_group(file, "scalars");
  h5::write(scalars, "field_names", Texts{"nu", "force", "radius", "power"});
  numbers(scalars, "nu", {}, false, false);
  numbers(scalars, "force", {T}, false, true);
  numbers(scalars, "radius", {B}, true, false);
  numbers(scalars, "power", {B, T}, true, true);
  const auto t0 = fields_group(file, 0, {"u", "density", "profile"});
  field(t0, "u", {B, T, X, Y}, true, true, {true, true});
  field(t0, "density", {X, Y}, false, false, {true, true});
  field(t0, "profile", {T, Y}, false, true, {false, true});
  field(fields_group(file, 1, {"velocity"}), "velocity", {B, T, X, Y, 2}, true, true, {true, true});
  field(fields_group(file, 2, {"stress"}), "stress", {B, T, X, Y, 2, 2}, true, true, {true, true});
  const auto boundaries = h5::create_group(file, "boundary_conditions");
  boundary(boundaries, "x_periodic", "PERIODIC", {"x"}, {X});
  boundary(boundaries, "obstacle_wall", "WALL", {"x", "y"}, {X, Y}, {"velocity"});
  h5::create_group(file, "extra");
}

Texts complaints_of(const std::function<void(hid_t)>& change) {
  const h5::File file = h5::create_in_memory();
  rich(file);
  change(file);
  return check_well(file).complaints;
}

h5::Object at(hid_t file, const std::string& path) {
  return h5::Object(h5::call(H5Oopen(file, path.c_str(), H5P_DEFAULT), "no " + path));
}
void remove(hid_t file, const std::string& path) {
  h5::call(H5Ldelete(file, path.c_str(), H5P_DEFAULT), "cannot remove " + path);
}
template <class Value>
void set(hid_t file, const std::string& path, const std::string& attribute, const Value& value) {
  const h5::Object object = at(file, path);
  h5::remove_attribute(object, attribute);
  if constexpr (std::is_same_v<Value, bool>)
    h5::write_bool(object, attribute, value);
  else
    h5::write(object, attribute, value);
}
void put(hid_t file, const std::string& path, std::vector<float> values) {
  h5::write_values(h5::open_dataset(file, path), std::span<const float>(values));
}
// The dataset anew, with its attributes but another type or shape.
void make_anew(hid_t file, const std::string& path, hid_t type, const h5::Shape& shape) {
  const h5::Dataset old = h5::open_dataset(file, path);
  h5::call(H5Lmove(file, path.c_str(), file, "old", H5P_DEFAULT, H5P_DEFAULT), "H5Lmove");
  const h5::Dataset data = h5::create_dataset(file, path, type, shape);
  flags(data, h5::read_bool(old, "sample_varying"), h5::read_bool(old, "time_varying"));
  if (h5::has_attribute(old, "dim_varying"))
    h5::write(data, "dim_varying", h5::read_bools(old, "dim_varying"));
  remove(file, "old");
}
void fixed_text(hid_t file, const std::string& path, const std::string& attribute) {
  const h5::Object object = at(file, path);
  h5::remove_attribute(object, attribute);
  const h5::Type type(H5Tcopy(H5T_C_S1));
  H5Tset_size(type, 8);
  const h5::Space space = h5::space({});
  const h5::Attribute made(H5Acreate2(object, attribute.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT));
  H5Awrite(made, type, "PERIODIC");
}
void null_list(hid_t file, const std::string& path, const std::string& attribute) {
  const h5::Object object = at(file, path);
  h5::remove_attribute(object, attribute);
  const h5::Type type = h5::text_type();
  const h5::Space space(H5Screate(H5S_NULL));
  const h5::Attribute made(H5Acreate2(object, attribute.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT));
}

constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

struct Break {
  std::string complaint;
  std::function<void(hid_t)> make;
};

const std::vector<Break> breaks{
    {"no attribute 'dataset_name'", [](hid_t f) { h5::remove_attribute(f, "dataset_name"); }},
    {"attribute 'grid_type' is 'polar', neither cartesian nor spherical",
     [](hid_t f) { set(f, "/", "grid_type", std::string("polar")); }},
    {"attribute 'n_spatial_dims' is 3, but 'dimensions' names 2 axes",
     [](hid_t f) { set(f, "/", "n_spatial_dims", std::int64_t(3)); }},
    {"attribute 'n_spatial_dims' is not one positive integer",
     [](hid_t f) { set(f, "/", "n_spatial_dims", 2.0); }},
    {"attribute 'n_trajectories' is not one positive integer",
     [](hid_t f) { set(f, "/", "n_trajectories", std::int64_t(0)); }},
    {"attribute 'simulation_parameters' is not a list of texts of variable length",
     [](hid_t f) { set(f, "/", "simulation_parameters", std::string("nu")); }},
    {"no attribute 'nu'", [](hid_t f) { h5::remove_attribute(f, "nu"); }},
    {"attribute 'nu' is not one finite number", [](hid_t f) { set(f, "/", "nu", double(not_a_number)); }},
    {"'fields' has the word fields in its name, but is none of the groups t0_fields, t1_fields, t2_fields",
     [](hid_t f) { h5::create_group(f, "fields"); }},
    {"'loose' belongs to no group of the layout", [](hid_t f) { numbers(f, "loose", {2}, false, false); }},
    {"no group 'scalars'", [](hid_t f) { remove(f, "scalars"); }},
    {"no group 't2_fields'", [](hid_t f) { remove(f, "t2_fields"); }},
    {"no group 'boundary_conditions'", [](hid_t f) { remove(f, "boundary_conditions"); }},
    {"no dataset 'dimensions/y'", [](hid_t f) { remove(f, "dimensions/y"); }},
    {"no dataset 'dimensions/time'", [](hid_t f) { remove(f, "dimensions/time"); }},
    {"'dimensions': no attribute 'spatial_dims'",
     [](hid_t f) { h5::remove_attribute(at(f, "dimensions"), "spatial_dims"); }},
    {"'dimensions/x' is not float32", [](hid_t f) { make_anew(f, "dimensions/x", H5T_STD_I8LE, {X}); }},
    {"'dimensions/x': attribute 'time_varying' is TRUE",
     [](hid_t f) { set(f, "dimensions/x", "time_varying", true); }},
    {"'dimensions/x' has shape (2, 2) instead of one axis of two or more points",
     [](hid_t f) {
       make_anew(f, "dimensions/x", h5::stored<float>(), {2, 2});
     }},
    {"'dimensions/x' is not uniform: entry 1",
     [](hid_t f) {
       put(f, "dimensions/x", {0, 0.5, 2, 3});
     }},
    {"'dimensions/x' does not rise: entry 2",
     [](hid_t f) {
       put(f, "dimensions/x", {0, 1, 1, 3});
     }},
    {"'dimensions/y' holds a value that is not finite",
     [](hid_t f) {
       put(f, "dimensions/y", {0, 1, 2, not_a_number, 4});
     }},
    {"'dimensions/time': attribute 'time_varying' is FALSE",
     [](hid_t f) { set(f, "dimensions/time", "time_varying", false); }},
    {"'dimensions/time' does not rise: entry 2",
     [](hid_t f) {
       put(f, "dimensions/time", {0, 1, 2, 0, 2, 1});
     }},
    {"'dimensions/time' has shape (2, 3) instead of (3) [frame]",
     [](hid_t f) { set(f, "dimensions/time", "sample_varying", false); }},
    {"'dimensions/time' has shape (3, 2, 1), which is no list of times",
     [](hid_t f) {
       make_anew(f, "dimensions/time", h5::stored<float>(), {T, 2, 1});
     }},
    {"'scalars/force' has shape (3) instead of ()",
     [](hid_t f) { set(f, "scalars/force", "time_varying", false); }},
    {"'scalars/power' has shape (3, 2) instead of (2, 3) [trajectory][frame]",
     [](hid_t f) {
       make_anew(f, "scalars/power", h5::stored<float>(), {T, B});
     }},
    {"'scalars/radius' holds a value that is not finite, at trajectory 1",
     [](hid_t f) {
       put(f, "scalars/radius", {1, INFINITY});
     }},
    {"'scalars/nu' holds a value that is not finite", [](hid_t f) { put(f, "scalars/nu", {not_a_number}); }},
    {"no dataset 'scalars/nu'", [](hid_t f) { remove(f, "scalars/nu"); }},
    {"parameter 'nu' of attribute 'simulation_parameters' is not among the scalars",
     [](hid_t f) {
       set(f, "scalars", "field_names", Texts{"force", "radius", "power"});
     }},
    {"'scalars' holds 'power', which its attribute 'field_names' does not list",
     [](hid_t f) {
       set(f, "scalars", "field_names", Texts{"nu", "force", "radius"});
     }},
    {"'t0_fields': attribute 'field_names' lists 'u' twice",
     [](hid_t f) {
       set(f, "t0_fields", "field_names", Texts{"u", "density", "u", "profile"});
     }},
    {"'t1_fields': attribute 'field_names' is not a list of texts of variable length",
     [](hid_t f) { null_list(f, "t1_fields", "field_names"); }},
    {"no dataset 't0_fields/density'", [](hid_t f) { remove(f, "t0_fields/density"); }},
    {"'t0_fields/u' is not float32",
     [](hid_t f) {
       make_anew(f, "t0_fields/u", h5::stored<double>(), {B, T, X, Y});
     }},
    {"'t0_fields/u' is not float32",
     [](hid_t f) {
       make_anew(f, "t0_fields/u", h5::text_type(), {B, T, X, Y});
     }},
    {"'t0_fields/u' has shape (2, 3, 5, 4) instead of (2, 3, 4, 5) [trajectory][frame][x][y]",
     [](hid_t f) {
       make_anew(f, "t0_fields/u", h5::stored<float>(), {B, T, Y, X});
     }},
    {"'t0_fields/profile' has shape (3, 5) instead of (3, 4) [frame][x]",
     [](hid_t f) {
       set(f, "t0_fields/profile", "dim_varying", std::vector<bool>{true, false});
     }},
    {"'t0_fields/u': attribute 'dim_varying' is not a list of 2 truth values (enums FALSE, TRUE over one "
     "byte)",
     [](hid_t f) { set(f, "t0_fields/u", "dim_varying", std::vector<bool>{true}); }},
    {"'t0_fields/u': attribute 'sample_varying' is not one truth value (an enum FALSE, TRUE over one byte)",
     [](hid_t f) { set(f, "t0_fields/u", "sample_varying", std::int64_t(1)); }},
    {"'t0_fields/u' holds a value that is not finite, at trajectory 1, frame 2, x 3, y 1",
     [](hid_t f) {
       std::vector<float> values(B * T * X * Y, 1);
       values[((1 * T + 2) * X + 3) * Y + 1] = values.back() = not_a_number;
       put(f, "t0_fields/u", values);
     }},
    {"'t1_fields/velocity' has shape (2, 3, 4, 5) instead of (2, 3, 4, 5, 2) "
     "[trajectory][frame][x][y][component]",
     [](hid_t f) {
       make_anew(f, "t1_fields/velocity", h5::stored<float>(), {B, T, X, Y});
     }},
    {"'t2_fields/stress' has shape (2, 3, 4, 5, 4) instead of (2, 3, 4, 5, 2, 2) "
     "[trajectory][frame][x][y][component][component]",
     [](hid_t f) {
       make_anew(f, "t2_fields/stress", h5::stored<float>(), {B, T, X, Y, 4});
     }},
    {"'boundary_conditions/x_periodic': attribute 'bc_type' is 'DIRICHLET', not WALL, OPEN or PERIODIC",
     [](hid_t f) { set(f, "boundary_conditions/x_periodic", "bc_type", std::string("DIRICHLET")); }},
    {"'boundary_conditions/x_periodic': attribute 'bc_type' is not one text of variable length",
     [](hid_t f) { fixed_text(f, "boundary_conditions/x_periodic", "bc_type"); }},
    {"'boundary_conditions/x_periodic': attribute 'associated_dims' names 'z', which is no axis",
     [](hid_t f) { set(f, "boundary_conditions/x_periodic", "associated_dims", Texts{"z"}); }},
    {"'boundary_conditions/x_periodic': attribute 'associated_dims' names no axis",
     [](hid_t f) { set(f, "boundary_conditions/x_periodic", "associated_dims", Texts{}); }},
    {"'boundary_conditions/obstacle_wall': attribute 'associated_fields' names 'w', which is no field",
     [](hid_t f) { set(f, "boundary_conditions/obstacle_wall", "associated_fields", Texts{"w"}); }},
    {"'boundary_conditions/x_periodic' has values, but its attribute 'associated_fields' names no field",
     [](hid_t f) { numbers(at(f, "boundary_conditions/x_periodic"), "values", {X}, false, false); }},
    {"no dataset 'boundary_conditions/x_periodic/mask'",
     [](hid_t f) { remove(f, "boundary_conditions/x_periodic/mask"); }},
    {"'boundary_conditions/obstacle_wall/mask' has shape (4, 5) instead of (5, 4) [y][x]",
     [](hid_t f) {
       set(f, "boundary_conditions/obstacle_wall", "associated_dims", Texts{"y", "x"});
     }},
    {"'boundary_conditions/x_periodic/mask' is FALSE everywhere, which makes its axes open",
     [](hid_t f) {
       h5::write_values(h5::open_dataset(f, "boundary_conditions/x_periodic/mask"),
                        std::vector<bool>(X, false));
     }},
    {"'boundary_conditions/x_periodic/mask' does not hold truth values (enums FALSE, TRUE over one byte)",
     [](hid_t f) {
       remove(f, "boundary_conditions/x_periodic/mask");
       numbers(at(f, "boundary_conditions/x_periodic"), "mask", {X}, false, false);
     }},
    {"'boundary_conditions/odd' is not a group",
     [](hid_t f) { numbers(at(f, "boundary_conditions"), "odd", {X}, false, false); }},
};

}  // namespace

TEST(WellRules, AFileThatUsesAllOfTheLayoutPasses) {
  const h5::File file = h5::create_in_memory();
  rich(file);
  const WellReport report = check_well(file);
  EXPECT_EQ(report.complaints, Texts{});
  EXPECT_EQ(report.trajectories, 2);
  EXPECT_EQ(report.frames, 3);
  EXPECT_EQ(report.fields, (Texts{"u", "density", "profile", "velocity", "stress"}));
}

TEST(WellRules, WhatHypercastWritesPasses) {
  const TestFolder folder;
  for (const int axes : {1, 2, 3}) {
    TrajectoryLayout layout = layout_2d();
    layout.axes.resize(std::min(axes, 2));
    if (axes == 3) layout.axes.push_back(axis("z", 4, -1, 0.5, Boundary::open));
    const auto path = folder / (std::to_string(axes) + ".hdf5");
    write_sample(test_world(), path, layout);
    const h5::File file = h5::open(path);
    int looks = 0;
    const WellReport report = check_well(file, [&] { ++looks; });
    EXPECT_EQ(report.complaints, Texts{});
    EXPECT_EQ(report.fields, layout.channels);
    EXPECT_GT(looks, 0);
  }
}

TEST(WellRules, EveryBreakIsFoundAndNothingElse) {
  for (const auto& one : breaks) {
    const Texts found = complaints_of(one.make);
    ASSERT_FALSE(found.empty()) << one.complaint;
    EXPECT_EQ(std::count(found.begin(), found.end(), one.complaint), 1)
        << one.complaint << "; found: " << found[0];
    EXPECT_LE(found.size(), 2u) << one.complaint << "; found also: " << found.back();
  }
}

TEST(WellRules, AllProblemsAreFoundTogether) {
  const Texts found = complaints_of([](hid_t f) {
    set(f, "/", "grid_type", std::string("polar\n"));
    put(f, "dimensions/x", {0, 1, 1, 3});
    put(f, "scalars/nu", {not_a_number});
    remove(f, "t2_fields");
    remove(f, "boundary_conditions/x_periodic/mask");
  });
  EXPECT_EQ(found,
            (Texts{"attribute 'grid_type' is 'polar?', neither cartesian nor spherical",
                   "'dimensions/x' does not rise: entry 2", "'scalars/nu' holds a value that is not finite",
                   "no group 't2_fields'", "no dataset 'boundary_conditions/x_periodic/mask'"}));
}

TEST(WellRules, AnEmptyFileHasNoneOfIt) {
  const h5::File file = h5::create_in_memory();
  const WellReport report = check_well(file);
  EXPECT_EQ(report.complaints.size(), 5u + 6u);
  EXPECT_EQ(report.trajectories, 0);
}

// 2^40 values that were never written take no room in a file, but years to read.
TEST(WellRules, AShapeThatNoFileCanHoldIsNotRead) {
  const Texts found = complaints_of([](hid_t f) {
    const h5::Properties made(H5Pcreate(H5P_DATASET_CREATE));
    const h5::Shape chunk{1, 1, 1, 1}, shape{hsize_t{1} << 20, 1, 1, hsize_t{1} << 20};
    H5Pset_chunk(made, 4, chunk.data());
    remove(f, "t0_fields/u");
    const h5::Space space = h5::space(shape);
    const h5::Dataset data(
        H5Dcreate2(f, "t0_fields/u", H5T_IEEE_F32LE, space, H5P_DEFAULT, made, H5P_DEFAULT));
    flags(data, true, true);
    h5::write(data, "dim_varying", std::vector<bool>{true, true});
  });
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[1], "'t0_fields/u' has shape (1048576, 1, 1, 1048576), more than the file can hold");
}

// Values are read in pieces along whatever axis is long.
TEST(WellRules, LargeDatasetsAreReadToTheirLastValue) {
  for (const h5::Shape& shape : {h5::Shape{1, 1, (1 << 22) + 5, 2}, h5::Shape{3, 2, 1100, 1300}}) {
    std::size_t size = 1;
    for (const auto extent : shape) size *= extent;
    std::vector<float> values(size, 1);
    values[size - 2] = not_a_number;
    const h5::File file = h5::create_in_memory();
    h5::write_dataset<float>(file, "big", shape, values);
    Inspector look(file);
    int pieces = 0;
    look.finite("big", {"b", "t", "x", "y"}, [&] { ++pieces; });
    const Texts found = look.take_complaints();
    ASSERT_EQ(found.size(), 1u);
    const auto last = [&](int d) { return std::to_string(shape[d] - 1); };
    EXPECT_EQ(found[0], "'big' holds a value that is not finite, at b " + last(0) + ", t " + last(1) +
                            ", x " + last(2) + ", y " + std::to_string(shape[3] - 2));
    EXPECT_GT(pieces, 1);
  }
}
