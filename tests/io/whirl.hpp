#pragma once
// A trajectory file that hypercast would not write: two trajectories with scalars, a vector, a tensor, fields
// that do not vary in time or between trajectories, double precision and integers, an obstacle.

#include <string>
#include <vector>

#include "io/hdf5.hpp"

namespace whirl {

using namespace hypercast::io;

constexpr int trajectories = 2, frames = 3, nx = 4, ny = 3, points = nx * ny;

// Of a component of a field; one field is the same in all trajectories (trajectory 0 then).
inline float value(int field, int trajectory, int frame, int point, int component) {
  return float(10000 * field + 1000 * trajectory + 100 * frame + 4 * point + component);
}

inline void flags(hid_t object, bool sample, bool time) {
  h5::write_bool(object, "sample_varying", sample);
  h5::write_bool(object, "time_varying", time);
}

inline void put_axis(hid_t group, const std::string& name, const std::vector<double>& values) {
  h5::write_dataset<float>(group, name, {values.size()}, std::vector<float>(values.begin(), values.end()));
}

inline void put_boundary(hid_t group, const std::string& name, const std::vector<std::string>& axes,
                         const std::string& type) {
  const auto one = h5::create_group(group, name);
  h5::write(one, "associated_dims", axes);
  h5::write(one, "associated_fields", std::vector<std::string>{});
  h5::write(one, "bc_type", type);
}

// Shape and values of a whole field with `order` axes of components, as The Well's flags say.
template <class T>
inline void put_field(hid_t group, const std::string& name, int number, int order, bool sample, bool time) {
  h5::Shape shape;
  if (sample) shape.push_back(trajectories);
  if (time) shape.push_back(frames);
  shape.insert(shape.end(), {nx, ny});
  shape.insert(shape.end(), order, 2);
  std::vector<T> values;
  for (int b = 0; b < (sample ? trajectories : 1); ++b)
    for (int t = 0; t < (time ? frames : 1); ++t)
      for (int p = 0; p < points; ++p)
        for (int c = 0; c < (1 << order); ++c) values.push_back(T(value(number, b, t, p, c)));
  h5::write_dataset<T>(group, name, shape, std::span<const T>(values));
  const auto field = h5::open_dataset(group, name);
  flags(field, sample, time);
  h5::write(field, "dim_varying", std::vector<bool>{true, true});
}

// Two trajectories with fields of all kinds.
inline void fill(hid_t file) {
  h5::write(file, "dataset_name", std::string("my/whirl"));
  h5::write(file, "grid_type", std::string("cartesian"));
  h5::write(file, "n_spatial_dims", std::int64_t{2});
  h5::write(file, "n_trajectories", std::int64_t{trajectories});
  h5::write(file, "simulation_parameters", std::vector<std::string>{"Re", "seeds", "Sc"});
  h5::write(file, "Re", 400.0);
  h5::write(file, "seeds", std::vector<double>{1, 2});
  const auto dimensions = h5::create_group(file, "dimensions");
  h5::write(dimensions, "spatial_dims", std::vector<std::string>{"x", "y"});
  put_axis(dimensions, "time", {0, 0.5, 2});  // not uniform
  put_axis(dimensions, "x", {0, 0.25, 0.5, 0.75});
  put_axis(dimensions, "y", {-1, 0, 1});
  const auto boundaries = h5::create_group(file, "boundary_conditions");
  put_boundary(boundaries, "cylinder", {"x", "y"}, "WALL");
  put_boundary(boundaries, "x_periodic", {"x"}, "periodic");
  put_boundary(boundaries, "y_wall", {"y"}, "WALL");
  const auto scalars = h5::create_group(file, "scalars");
  h5::write(scalars, "field_names", std::vector<std::string>{"Sc"});
  h5::write_dataset<double>(scalars, "Sc", {}, std::vector<double>{0.7});
  const auto t0 = h5::create_group(file, "t0_fields"), t1 = h5::create_group(file, "t1_fields"),
             t2 = h5::create_group(file, "t2_fields");
  h5::write(t0, "field_names", std::vector<std::string>{"density", "porosity", "forcing"});
  put_field<double>(t0, "density", 1, 0, true, true);
  put_field<float>(t0, "porosity", 2, 0, true, false);
  put_field<std::int64_t>(t0, "forcing", 3, 0, false, true);
  h5::write(t1, "field_names", std::vector<std::string>{"velocity"});
  put_field<float>(t1, "velocity", 4, 1, true, true);
  h5::write(t2, "field_names", std::vector<std::string>{"stress"});
  put_field<double>(t2, "stress", 5, 2, true, true);
}

inline std::string bytes_of(void (*what)(hid_t) = fill) {
  const h5::File file = h5::create_in_memory();
  what(file);
  const auto image = h5::image(file);
  return {image.begin(), image.end()};
}

}  // namespace whirl
