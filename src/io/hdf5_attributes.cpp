#include <algorithm>

#include "io/hdf5.hpp"

namespace hypercast::io::h5 {

namespace {

void write_attribute(hid_t object, const std::string& name, hid_t stored, const Shape& shape, hid_t memory,
                     const void* values) {
  const Space extent = space(shape);
  const Attribute attribute(call(H5Acreate2(object, name.c_str(), stored, extent, H5P_DEFAULT, H5P_DEFAULT),
                                 "cannot create attribute '" + name + "'"));
  const bool empty = shape.size() == 1 && shape[0] == 0;
  if (!empty) call(H5Awrite(attribute, memory, values), "cannot write attribute '" + name + "'");
}

Attribute open_attribute(hid_t object, const std::string& name) {
  return Attribute(call(H5Aopen(object, name.c_str(), H5P_DEFAULT), "no attribute '" + name + "'"));
}

std::size_t count_of(hid_t attribute) {
  const Space extent(call(H5Aget_space(attribute), "H5Aget_space"));
  return call<hid_t>(H5Sget_simple_extent_npoints(extent), "H5Sget_simple_extent_npoints");
}

// Frees what HDF5 allocated for variable-length text, also when copying it throws.
struct Strings {
  std::vector<char*> values;
  ~Strings() {
    for (char* value : values) H5free_memory(value);
  }
};

std::vector<std::string> fixed_texts(hid_t attribute, hid_t type, std::size_t count) {
  const std::size_t width = H5Tget_size(type);
  std::string bytes(width * count, '\0');
  call(H5Aread(attribute, type, bytes.data()), "cannot read text");
  std::vector<std::string> result;
  for (std::size_t i = 0; i < count; ++i) {
    std::string text = bytes.substr(i * width, width);
    text.resize(std::min(text.find('\0'), text.size()));
    result.push_back(text);
  }
  return result;
}

}  // namespace

void write(hid_t object, const std::string& name, const std::string& value) {
  const char* text = value.c_str();
  const Type type = text_type();
  write_attribute(object, name, type, {}, type, &text);
}

void write(hid_t object, const std::string& name, const std::vector<std::string>& values) {
  std::vector<const char*> texts;
  for (const auto& value : values) texts.push_back(value.c_str());
  const Type type = text_type();
  write_attribute(object, name, type, {values.size()}, type, texts.data());
}

void write(hid_t object, const std::string& name, const std::vector<bool>& values) {
  const std::vector<std::int8_t> bytes(values.begin(), values.end());
  const Type type = bool_type();
  write_attribute(object, name, type, {values.size()}, type, bytes.data());
}

void write_bool(hid_t object, const std::string& name, bool value) {
  const std::int8_t byte = value;
  const Type type = bool_type();
  write_attribute(object, name, type, {}, type, &byte);
}

void write(hid_t object, const std::string& name, double value) {
  write_attribute(object, name, H5T_IEEE_F64LE, {}, H5T_NATIVE_DOUBLE, &value);
}

void write(hid_t object, const std::string& name, std::int64_t value) {
  write_attribute(object, name, H5T_STD_I64LE, {}, H5T_NATIVE_INT64, &value);
}

void write(hid_t object, const std::string& name, const std::vector<double>& values) {
  write_attribute(object, name, H5T_IEEE_F64LE, {values.size()}, H5T_NATIVE_DOUBLE, values.data());
}

void remove_attribute(hid_t object, const std::string& name) {
  call(H5Adelete(object, name.c_str()), "cannot remove attribute '" + name + "'");
}

bool has_attribute(hid_t object, const std::string& name) {
  return call(H5Aexists(object, name.c_str()), "cannot look up attribute '" + name + "'") > 0;
}

std::vector<std::string> read_texts(hid_t object, const std::string& name) {
  const Attribute attribute = open_attribute(object, name);
  const std::size_t count = count_of(attribute);
  const Type type(call(H5Aget_type(attribute), "H5Aget_type"));
  if (H5Tget_class(type) != H5T_STRING) {
    if (count == 0) return {};  // numpy writes an empty list as numbers
    throw Failure("attribute '" + name + "' is not text", Where::here());
  }
  if (call(H5Tis_variable_str(type), "H5Tis_variable_str") == 0) return fixed_texts(attribute, type, count);
  Strings texts{std::vector<char*>(count, nullptr)};
  if (count > 0) call(H5Aread(attribute, type, texts.values.data()), "cannot read attribute '" + name + "'");
  std::vector<std::string> result;
  for (const char* text : texts.values) result.emplace_back(text ? text : "");
  return result;
}

std::string read_text(hid_t object, const std::string& name) {
  const auto texts = read_texts(object, name);
  if (texts.size() != 1) throw Failure("attribute '" + name + "' is not one text", Where::here());
  return texts[0];
}

std::vector<bool> read_bools(hid_t object, const std::string& name) {
  const Attribute attribute = open_attribute(object, name);
  const Type type(call(H5Aget_type(attribute), "H5Aget_type"));
  const H5T_class_t kind = H5Tget_class(type);
  if (kind != H5T_ENUM && kind != H5T_INTEGER)
    throw Failure("attribute '" + name + "' does not hold truth values", Where::here());
  const std::size_t width = H5Tget_size(type);
  std::vector<char> bytes(width * count_of(attribute));
  if (!bytes.empty()) call(H5Aread(attribute, type, bytes.data()), "cannot read attribute '" + name + "'");
  std::vector<bool> values;
  for (auto at = bytes.begin(); at != bytes.end(); at += width)
    values.push_back(std::any_of(at, at + width, [](char byte) { return byte != 0; }));
  return values;
}

bool read_bool(hid_t object, const std::string& name) {
  const auto values = read_bools(object, name);
  if (values.size() != 1) throw Failure("attribute '" + name + "' is not one truth value", Where::here());
  return values[0];
}

bool is_number(hid_t object, const std::string& name) {
  const Attribute attribute = open_attribute(object, name);
  const Type type(call(H5Aget_type(attribute), "H5Aget_type"));
  const H5T_class_t kind = H5Tget_class(type);
  return count_of(attribute) == 1 && (kind == H5T_FLOAT || kind == H5T_INTEGER);
}

double read_number(hid_t object, const std::string& name) {
  const Attribute attribute = open_attribute(object, name);
  if (count_of(attribute) != 1) throw Failure("attribute '" + name + "' is not one number", Where::here());
  double value = 0;
  call(H5Aread(attribute, H5T_NATIVE_DOUBLE, &value), "attribute '" + name + "' is not a number");
  return value;
}

}  // namespace hypercast::io::h5
