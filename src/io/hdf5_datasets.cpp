#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>

#include "io/hdf5.hpp"

namespace hypercast::io::h5 {

std::size_t volume(const Shape& shape) {
  return std::accumulate(shape.begin(), shape.end(), std::size_t{1}, std::multiplies<>());
}

namespace {

// In the names of a view's source HDF5 takes "%b" for the number of a block and "%%" for a percent sign.
std::string without_patterns(const std::string& name) {
  std::string result;
  for (const char c : name) result += c == '%' ? std::string("%%") : std::string(1, c);
  return result;
}

Properties creating(hid_t dataset_properties) {
  Properties made(call(H5Pcreate(H5P_LINK_CREATE), "H5Pcreate"));
  call(H5Pset_create_intermediate_group(made, 1), "H5Pset_create_intermediate_group");
  call(H5Pset_obj_track_times(dataset_properties, false), "H5Pset_obj_track_times");
  return made;
}

}  // namespace

Dataset create_dataset(hid_t parent, const std::string& name, hid_t type, const Shape& shape) {
  const Properties made(call(H5Pcreate(H5P_DATASET_CREATE), "H5Pcreate"));
  if (H5Tis_variable_str(type) <= 0) {  // of which HDF5 wants empty references
    call(H5Pset_fill_time(made, H5D_FILL_TIME_NEVER), "H5Pset_fill_time");
    call(H5Pset_alloc_time(made, H5D_ALLOC_TIME_EARLY), "H5Pset_alloc_time");
  }
  const Properties link = creating(made);
  const Space extent = space(shape);
  return Dataset(call(H5Dcreate2(parent, name.c_str(), type, extent, link, made, H5P_DEFAULT),
                      "cannot create dataset '" + name + "'"));
}

void create_view(hid_t parent, const std::string& name, const Shape& shown, const BoxOfFile& box) {
  const Properties made(call(H5Pcreate(H5P_DATASET_CREATE), "H5Pcreate"));
  const float missing = std::numeric_limits<float>::quiet_NaN();
  call(H5Pset_fill_value(made, H5T_NATIVE_FLOAT, &missing), "H5Pset_fill_value");
  const Space view = space(shown), source = space(box.shape);
  call(H5Sselect_hyperslab(source, H5S_SELECT_SET, box.start.data(), nullptr, box.count.data(), nullptr),
       "cannot select a box");
  call(H5Pset_virtual(made, view, without_patterns(box.file).c_str(), without_patterns(box.dataset).c_str(),
                      source),
       "H5Pset_virtual");
  const Properties link = creating(made);
  const Dataset created(call(H5Dcreate2(parent, name.c_str(), stored<float>(), view, link, made, H5P_DEFAULT),
                             "cannot create dataset '" + name + "'"));
}

Dataset open_dataset(hid_t parent, const std::string& path) {
  return Dataset(call(H5Dopen2(parent, path.c_str(), H5P_DEFAULT), "cannot open dataset '" + path + "'"));
}

Dataset open_to_stream(hid_t parent, const std::string& path, std::size_t leading) {
  constexpr std::size_t most_bytes = std::size_t{1} << 30, most_slots = 1000003;
  Dataset plain = open_dataset(parent, path);
  const Properties made(call(H5Dget_create_plist(plain), "H5Dget_create_plist"));
  if (H5Pget_layout(made) != H5D_CHUNKED) return plain;
  const Shape extent = shape(plain);
  Shape chunk(extent.size());
  call(H5Pget_chunk(made, static_cast<int>(chunk.size()), chunk.data()), "H5Pget_chunk");
  std::size_t bytes = type_size(plain), count = 1;  // of the chunks side by side
  for (std::size_t k = 0; k < extent.size() && bytes < most_bytes; ++k) {
    const hsize_t across = k < leading ? 1 : (extent[k] + chunk[k] - 1) / chunk[k];
    bytes *= across * chunk[k];
    count *= across;
  }
  const Properties access(call(H5Pcreate(H5P_DATASET_ACCESS), "H5Pcreate"));
  call(H5Pset_chunk_cache(access, std::min(20 * count + 1, most_slots), std::min(2 * bytes, most_bytes), 1.0),
       "H5Pset_chunk_cache");
  return Dataset(call(H5Dopen2(parent, path.c_str(), access), "cannot open dataset '" + path + "'"));
}

Shape shape(hid_t dataset) {
  const Space extent(call(H5Dget_space(dataset), "H5Dget_space"));
  Shape result(call(H5Sget_simple_extent_ndims(extent), "H5Sget_simple_extent_ndims"));
  call(H5Sget_simple_extent_dims(extent, result.data(), nullptr), "H5Sget_simple_extent_dims");
  return result;
}

H5T_class_t type_class(hid_t dataset) {
  const Type type(call(H5Dget_type(dataset), "H5Dget_type"));
  return H5Tget_class(type);
}

std::size_t type_size(hid_t dataset) {
  const Type type(call(H5Dget_type(dataset), "H5Dget_type"));
  return H5Tget_size(type);
}

std::uint64_t offset(hid_t dataset) {
  const haddr_t at = H5Dget_offset(dataset);
  if (at == HADDR_UNDEF) throw Failure("a dataset without a place in the file", Where::here());
  return at;
}

template <class T>
void write_values(hid_t dataset, std::span<const T> values) {
  if (!values.empty())
    call(H5Dwrite(dataset, native<T>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()),
         "cannot write a dataset");
}

void write_values(hid_t dataset, const std::vector<bool>& values) {
  const Type type = bool_type();
  const std::vector<std::int8_t> bytes(values.begin(), values.end());
  call(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data()), "cannot write a dataset");
}

template <class T>
void write_dataset(hid_t parent, const std::string& name, const Shape& shape, std::span<const T> values) {
  check(volume(shape) == values.size(), "a dataset's shape does not fit its values");
  write_values(create_dataset(parent, name, stored<T>(), shape), values);
}

void write_text_dataset(hid_t parent, const std::string& name, const std::string& value) {
  const Type type = text_type();
  const char* text = value.c_str();
  const Dataset dataset = create_dataset(parent, name, type, {});
  call(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, &text), "cannot write '" + name + "'");
}

void write_texts_dataset(hid_t parent, const std::string& name, const std::vector<std::string>& values) {
  const Type type = text_type();
  std::vector<const char*> texts;
  for (const auto& value : values) texts.push_back(value.c_str());
  const Dataset dataset = create_dataset(parent, name, type, {values.size()});
  if (!texts.empty())
    call(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, texts.data()), "cannot write '" + name + "'");
}

template <class T>
std::vector<T> read_dataset(hid_t parent, const std::string& path) {
  const Dataset dataset = open_dataset(parent, path);
  std::vector<T> values(volume(shape(dataset)));
  if (!values.empty())
    call(H5Dread(dataset, native<T>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()),
         "cannot read '" + path + "'");
  return values;
}

std::string read_text_dataset(hid_t parent, const std::string& path) {
  const Dataset dataset = open_dataset(parent, path);
  const Type type(call(H5Dget_type(dataset), "H5Dget_type"));
  if (!shape(dataset).empty() || H5Tget_class(type) != H5T_STRING || H5Tis_variable_str(type) <= 0)
    throw Failure("'" + path + "' is not a text", Where::here());
  char* text = nullptr;
  call(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, &text), "cannot read '" + path + "'");
  const std::string value = text ? text : "";
  H5free_memory(text);
  return value;
}

namespace {

void read_box(hid_t dataset, const Shape& start, const Shape& count, hid_t type, void* out) {
  const Space file(call(H5Dget_space(dataset), "H5Dget_space"));
  if (!start.empty())  // a scalar is its own box
    call(H5Sselect_hyperslab(file, H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr),
         "cannot select a box");
  const Space memory = space(count);  // of the same shape: else HDF5 goes through chunks number by number
  call(H5Dread(dataset, type, memory, file, H5P_DEFAULT, out), "cannot read a box");
}

}  // namespace

void read_box(hid_t dataset, const Shape& start, const Shape& count, std::span<float> values) {
  check(values.size() == volume(count), "no room for a box");
  read_box(dataset, start, count, H5T_NATIVE_FLOAT, values.data());
}

void read_box_as_stored(hid_t dataset, const Shape& start, const Shape& count, std::span<char> bytes) {
  const Type type(call(H5Dget_type(dataset), "H5Dget_type"));
  check(bytes.size() == volume(count) * H5Tget_size(type), "no room for a box");
  read_box(dataset, start, count, type, bytes.data());
}

#define HYPERCAST_H5(T)                                                                     \
  template void write_values(hid_t, std::span<const T>);                                    \
  template void write_dataset(hid_t, const std::string&, const Shape&, std::span<const T>); \
  template std::vector<T> read_dataset(hid_t, const std::string&);
HYPERCAST_H5(float)
HYPERCAST_H5(double)
HYPERCAST_H5(std::int32_t)
HYPERCAST_H5(std::int64_t)
#undef HYPERCAST_H5

}  // namespace hypercast::io::h5
