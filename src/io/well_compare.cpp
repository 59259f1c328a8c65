#include "io/well.hpp"

namespace hypercast::io {

namespace {

// As write_layout stores them: in single precision, the end points in double precision.
bool has_coordinates(const h5::File& file, const std::string& name, const std::vector<double>& points) {
  const std::string path = "dimensions/" + name;
  const h5::Dataset dataset = h5::open_dataset(file, path);
  return h5::shape(dataset) == h5::Shape{points.size()} &&
         h5::read_dataset<float>(file, path) == std::vector<float>(points.begin(), points.end()) &&
         h5::has_attribute(dataset, "first") && h5::has_attribute(dataset, "last") &&
         h5::read_number(dataset, "first") == points.front() &&
         h5::read_number(dataset, "last") == points.back();
}

std::string axes_difference(const h5::File& file, const std::vector<Axis>& found,
                            const std::vector<Axis>& wanted) {
  if (found.size() != wanted.size()) return "it has another number of axes";
  for (std::size_t k = 0; k < wanted.size(); ++k) {
    if (found[k].name != wanted[k].name) return "its axes have other names";
    if (found[k].boundary != wanted[k].boundary)
      return "axis '" + wanted[k].name + "' has another boundary there";
    if (!has_coordinates(file, wanted[k].name, wanted[k].points))
      return "axis '" + wanted[k].name + "' has other points there";
  }
  return "";
}

// Plain arrays of little-endian floats, which can be written into directly.
bool are_plain(const std::vector<WellField>& fields) {
  for (const auto& field : fields) {
    const h5::Type type(h5::call(H5Dget_type(field.data), "H5Dget_type"));
    if (H5Tequal(type, h5::stored<float>()) <= 0 || H5Dget_offset(field.data) == HADDR_UNDEF) return false;
    if (field.order != 0 || !field.per_trajectory) return false;
  }
  return true;
}

}  // namespace

std::string layout_difference(const h5::File& file, const std::string& path, const TrajectoryLayout& layout) {
  const WellFile found = read_layout(file, path);
  if (found.layout.dataset_name != layout.dataset_name) return "it belongs to another dataset";
  if (found.layout.channels != layout.channels) return "it has other fields";
  if (found.layout.trajectories != layout.trajectories) return "it has another number of trajectories";
  if (found.layout.parameters != layout.parameters) return "it has other parameters";
  if (!has_coordinates(file, "time", layout.times)) return "it has other times";
  if (!are_plain(found.fields)) return "its fields are stored in another way";
  return axes_difference(file, found.layout.axes, layout.axes);
}

std::vector<std::uint64_t> field_offsets(const h5::File& file, const TrajectoryLayout& layout) {
  std::vector<std::uint64_t> offsets;
  for (const auto& name : layout.channels)
    offsets.push_back(h5::offset(h5::open_dataset(file, "t0_fields/" + name)));
  return offsets;
}

}  // namespace hypercast::io
