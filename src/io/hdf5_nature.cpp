#include <array>

#include "io/hdf5.hpp"

namespace hypercast::io::h5 {

namespace {

// h5py takes an enum for bool when it is over one byte and has just these members.
bool is_truth(hid_t type) {
  if (H5Tget_size(type) != 1 || H5Tget_nmembers(type) != 2) return false;
  for (std::int8_t value : {0, 1}) {
    std::array<char, 8> name{};
    std::int8_t stored = value;  // one byte: signed or not, in whatever order
    if (H5Tenum_nameof(type, &stored, name.data(), name.size()) < 0) {
      H5Eclear2(H5E_DEFAULT);
      return false;
    }
    if (std::string(name.data()) != (value ? "TRUE" : "FALSE")) return false;
  }
  return true;
}

Element element_of(hid_t type) {
  switch (H5Tget_class(type)) {
    case H5T_STRING:
      return H5Tis_variable_str(type) > 0 ? Element::text : Element::fixed_text;
    case H5T_ENUM:
      return is_truth(type) ? Element::truth : Element::other;
    case H5T_INTEGER:
      return Element::integer;
    case H5T_FLOAT:
      return Element::real;
    default:
      return Element::other;
  }
}

Nature nature_of(const Type& type, const Space& space) {
  Nature nature{.element = element_of(type), .size = H5Tget_size(type), .shape = {}, .null = false};
  nature.null = H5Sget_simple_extent_type(space) == H5S_NULL;
  nature.shape.resize(call(H5Sget_simple_extent_ndims(space), "H5Sget_simple_extent_ndims"));
  call(H5Sget_simple_extent_dims(space, nature.shape.data(), nullptr), "H5Sget_simple_extent_dims");
  return nature;
}

}  // namespace

Nature attribute_nature(hid_t object, const std::string& name) {
  const Attribute attribute(call(H5Aopen(object, name.c_str(), H5P_DEFAULT), "no attribute '" + name + "'"));
  return nature_of(Type(call(H5Aget_type(attribute), "H5Aget_type")),
                   Space(call(H5Aget_space(attribute), "H5Aget_space")));
}

Nature dataset_nature(hid_t dataset) {
  return nature_of(Type(call(H5Dget_type(dataset), "H5Dget_type")),
                   Space(call(H5Dget_space(dataset), "H5Dget_space")));
}

namespace {

void must_be_truth(const Nature& nature, const std::string& name) {
  if (nature.element != Element::truth) throw Failure("'" + name + "' holds no truth values", Where::here());
}

}  // namespace

std::vector<bool> read_bool_dataset(hid_t parent, const std::string& path) {
  const Dataset dataset = open_dataset(parent, path);
  const Nature nature = dataset_nature(dataset);
  must_be_truth(nature, path);
  const Type type(call(H5Dget_type(dataset), "H5Dget_type"));
  std::vector<char> bytes(nature.null ? 0 : volume(nature.shape));
  if (!bytes.empty())
    call(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data()), "cannot read '" + path + "'");
  return {bytes.begin(), bytes.end()};
}

std::string shape_text(const Shape& shape) {
  std::string text;
  for (const hsize_t extent : shape) text += (text.empty() ? "" : ", ") + std::to_string(extent);
  return "(" + text + ")";
}

}  // namespace hypercast::io::h5
