#include "io/npy.hpp"

#include <charconv>
#include <cstring>

#include "core/error.hpp"

namespace hypercast::io {

namespace {

[[noreturn]] void refuse(const std::string& path, const std::string& text) {
  throw UserError(Exit::data, path + ": NPY file " + text);
}

// The text after 'key': in the header, a Python dictionary literal.
std::string value_of(const std::string& header, const std::string& key, const std::string& path) {
  const auto at = header.find("'" + key + "':");
  if (at == std::string::npos) refuse(path, "whose header lacks '" + key + "'");
  const auto start = header.find_first_not_of(' ', at + key.size() + 3);
  return start == std::string::npos ? std::string() : header.substr(start);
}

std::vector<std::size_t> shape_of(const std::string& text, const std::string& path) {
  const auto end = text.find(')');
  if (text.empty() || text[0] != '(' || end == std::string::npos) refuse(path, "with an unreadable shape");
  std::vector<std::size_t> shape;
  for (std::size_t at = 1; at < end;) {
    const auto digits = text.find_first_of("0123456789", at);
    if (digits >= end) break;
    std::size_t extent = 0;
    const auto parsed = std::from_chars(text.data() + digits, text.data() + end, extent);
    if (parsed.ec != std::errc() || extent > (std::size_t{1} << 40)) refuse(path, "with an unreadable shape");
    shape.push_back(extent);
    at = parsed.ptr - text.data();
  }
  return shape;
}

template <class T>
std::vector<double> numbers(const char* start, std::size_t count) {
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    T value;
    std::memcpy(&value, start + i * sizeof(T), sizeof(T));
    values[i] = value;
  }
  return values;
}

}  // namespace

bool is_npy(const std::string& bytes) { return bytes.starts_with("\x93NUMPY"); }

NpyArray parse_npy(const std::string& bytes, const std::string& path) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  if (bytes.size() < 12) refuse(path, "that is truncated");
  const int version = byte(6);
  if (version < 1 || version > 3) refuse(path, "of unknown version " + std::to_string(version));
  std::size_t length = byte(8) | byte(9) << 8, start = 10;
  if (version > 1) length |= std::size_t{byte(10)} << 16 | std::size_t{byte(11)} << 24, start = 12;
  if (bytes.size() < start + length) refuse(path, "that is truncated");
  const std::string header = bytes.substr(start, length);
  const std::string type = value_of(header, "descr", path);
  const bool single = type.starts_with("'<f4'");
  if (!single && !type.starts_with("'<f8'")) refuse(path, "whose numbers are not '<f4' or '<f8'");
  if (!value_of(header, "fortran_order", path).starts_with("False")) refuse(path, "in Fortran order");
  NpyArray array;
  array.shape = shape_of(value_of(header, "shape", path), path);
  const std::size_t width = single ? 4 : 8, room = (bytes.size() - start - length) / width;
  std::size_t count = 1;
  for (std::size_t extent : array.shape) {
    if (extent != 0 && count > room / extent) refuse(path, "that is truncated");
    count *= extent;
  }
  const char* data = bytes.data() + start + length;
  array.values = single ? numbers<float>(data, count) : numbers<double>(data, count);
  return array;
}

}  // namespace hypercast::io
