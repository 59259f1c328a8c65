#include "io/well.hpp"

namespace hypercast::io {

namespace {

h5::Shape field_shape(const TrajectoryLayout& layout) {
  h5::Shape shape = {hsize_t(layout.trajectories), layout.times.size()};
  for (const auto& axis : layout.axes) shape.push_back(axis.points.size());
  return shape;
}

std::vector<std::string> axis_names(const TrajectoryLayout& layout) {
  std::vector<std::string> names;
  for (const auto& axis : layout.axes) names.push_back(axis.name);
  return names;
}

std::vector<std::string> parameter_names(const TrajectoryLayout& layout) {
  std::vector<std::string> names;
  for (const auto& [name, value] : layout.parameters) names.push_back(name);
  return names;
}

void write_flags(hid_t object, bool sample_varying, bool time_varying) {
  h5::write_bool(object, "sample_varying", sample_varying);
  h5::write_bool(object, "time_varying", time_varying);
}

void write_root(hid_t file, const TrajectoryLayout& layout) {
  h5::write(file, "dataset_name", layout.dataset_name);
  h5::write(file, "grid_type", std::string("cartesian"));
  h5::write(file, "n_spatial_dims", std::int64_t(layout.axes.size()));
  h5::write(file, "n_trajectories", std::int64_t(layout.trajectories));
  h5::write(file, "simulation_parameters", parameter_names(layout));
  for (const auto& [name, value] : layout.parameters) h5::write(file, name, value);
}

// float32 as The Well wants it. The exact end points ride along, so that a reader gets double precision back.
void write_coordinates(hid_t group, const std::string& name, const std::vector<double>& points, bool time) {
  const h5::Dataset dataset = h5::create_dataset(group, name, h5::stored<float>(), {points.size()});
  const std::vector<float> single(points.begin(), points.end());
  h5::write_values(dataset, std::span<const float>(single));
  write_flags(dataset, false, time);
  h5::write(dataset, "first", points.front());
  h5::write(dataset, "last", points.back());
}

void write_boundaries(hid_t file, const TrajectoryLayout& layout) {
  const h5::Group all = h5::create_group(file, "boundary_conditions");
  for (const auto& axis : layout.axes) {
    const auto& words = boundary_words[static_cast<int>(axis.boundary)];
    const h5::Group group = h5::create_group(all, axis.name + "_" + words.suffix);
    h5::write(group, "associated_dims", std::vector<std::string>{axis.name});
    h5::write(group, "associated_fields", std::vector<std::string>{});
    h5::write(group, "bc_type", std::string(words.bc_type));
    write_flags(group, false, false);
    std::vector<bool> mask(axis.points.size(), false);
    mask.front() = mask.back() = true;
    const h5::Dataset dataset = h5::create_dataset(group, "mask", h5::bool_type(), {mask.size()});
    h5::write_values(dataset, mask);
    write_flags(dataset, false, false);
  }
}

void write_scalars(hid_t file, const TrajectoryLayout& layout) {
  const h5::Group group = h5::create_group(file, "scalars");
  h5::write(group, "field_names", parameter_names(layout));
  for (const auto& [name, value] : layout.parameters) {
    const float single = static_cast<float>(value);
    const h5::Dataset dataset = h5::create_dataset(group, name, h5::stored<float>(), {});
    h5::write_values(dataset, std::span<const float>(&single, 1));
    write_flags(dataset, false, false);
  }
}

std::vector<std::uint64_t> create_fields(hid_t file, const TrajectoryLayout& layout) {
  std::vector<std::uint64_t> offsets;
  for (const std::string order : {"0", "1", "2"}) {
    const h5::Group group = h5::create_group(file, "t" + order + "_fields");
    h5::write(group, "field_names", order == "0" ? layout.channels : std::vector<std::string>{});
    if (order != "0") continue;
    for (const auto& name : layout.channels) {
      const h5::Dataset field = h5::create_dataset(group, name, h5::stored<float>(), field_shape(layout));
      offsets.push_back(h5::offset(field));
      h5::write(field, "dim_varying", std::vector<bool>(layout.axes.size(), true));
      write_flags(field, true, true);
    }
  }
  return offsets;
}

}  // namespace

void write_provenance(hid_t file, const Provenance& provenance) {
  const h5::Group group = h5::create_group(file, "provenance");
  for (const auto& [name, value] : provenance) h5::write(group, name, value);
}

void write_measurements(hid_t file, const Measurements& measured) {
  const h5::Group group(h5::call(H5Gopen2(file, "provenance", H5P_DEFAULT), "cannot open /provenance"));
  for (const auto& [name, values] : measured) {
    if (h5::has_attribute(group, name)) h5::remove_attribute(group, name);
    h5::write(group, name, values);
  }
}

std::vector<std::uint64_t> write_layout(const h5::File& file, const TrajectoryLayout& layout,
                                        const Provenance& provenance) {
  write_root(file, layout);
  const h5::Group dimensions = h5::create_group(file, "dimensions");
  h5::write(dimensions, "spatial_dims", axis_names(layout));
  write_coordinates(dimensions, "time", layout.times, true);
  for (const auto& axis : layout.axes) write_coordinates(dimensions, axis.name, axis.points, false);
  write_boundaries(file, layout);
  write_scalars(file, layout);
  write_provenance(file, provenance);
  return create_fields(file, layout);
}

}  // namespace hypercast::io
