#include "io/npy.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <fstream>

#include "core/error.hpp"

namespace hypercast::io {

namespace {

constexpr std::size_t magic_size = 6;
constexpr std::string_view magic("\x93NUMPY", magic_size);
constexpr std::size_t most_header = std::size_t{1} << 20;  // bytes; NumPy's own are a few hundred

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& text) {
  throw UserError(Exit::data, path.string() + ": NPY file " + text);
}

// The text after 'key': in the header, a Python dictionary literal.
std::string value_of(const std::string& header, const std::string& key, const std::filesystem::path& path) {
  const auto at = header.find("'" + key + "':");
  if (at == std::string::npos) refuse(path, "whose header lacks '" + key + "'");
  const auto start = header.find_first_not_of(' ', at + key.size() + 3);
  return start == std::string::npos ? std::string() : header.substr(start);
}

std::vector<std::size_t> shape_of(const std::string& text, const std::filesystem::path& path) {
  const auto end = text.find(')');
  if (!text.starts_with('(') || end == std::string::npos ||
      text.substr(1, end - 1).find_first_not_of("0123456789, L") != std::string::npos)  // 5L: Python 2
    refuse(path, "with an unreadable shape");
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

NumberType type_of(const std::string& text, const std::filesystem::path& path) {
  if (text.starts_with('[')) refuse(path, "of structures, not of plain numbers");
  const auto end = text.find('\'', 1);
  if (!text.starts_with('\'') || end == std::string::npos) refuse(path, "with an unreadable type");
  const std::string code = text.substr(1, end - 1);
  const auto type = number_type(code);
  if (type) return *type;
  const char kind = code.size() > 1 ? code[1] : ' ';
  const std::string what = kind == 'O'   ? "Python objects"
                           : kind == 'c' ? "complex numbers"
                           : kind == 'U' ? "text"
                           : kind == 'S' ? "text"
                                         : "an unknown type";
  refuse(path, "of " + what + " ('" + code.substr(0, 20) +
                   "'); expected floating-point numbers of 2, 4 or 8 bytes, integers or bool");
}

bool truth_of(const std::string& text, const std::filesystem::path& path) {
  if (!text.starts_with("True") && !text.starts_with("False")) refuse(path, "with an unreadable order");
  return text.starts_with("True");
}

// Throws when the file ends before its numbers do.
void check_size(const NpyHeader& header, std::uint64_t size, const std::filesystem::path& path) {
  if (std::count(header.shape.begin(), header.shape.end(), std::size_t{0}) > 0) return;
  const std::uint64_t room = size < header.start ? 0 : (size - header.start) / header.type.bytes;
  std::uint64_t count = 1;
  for (const std::size_t extent : header.shape) {
    if (extent != 0 && count > room / extent) refuse(path, "that is truncated");
    count *= extent;
  }
  if (count > room) refuse(path, "that is truncated");
}

}  // namespace

bool is_npy(const std::filesystem::path& path) {
  std::string start(magic_size, '\0');
  std::ifstream(path, std::ios::binary).read(start.data(), magic_size);
  return start == magic;
}

NpyHeader read_npy_header(const Descriptor& file, const std::filesystem::path& path) {
  constexpr std::size_t least = 12;
  const std::uint64_t size = file.size();
  std::string start(least, '\0');
  if (size < least) refuse(path, "that is truncated");
  file.read_at(start, 0);
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(start[i]); };
  const int version = byte(magic_size);
  if (version < 1 || version > 3) refuse(path, "of unknown version " + std::to_string(version));
  std::size_t length = byte(8) | byte(9) << 8, begin = 10;
  if (version > 1) length |= std::size_t{byte(10)} << 16 | std::size_t{byte(11)} << 24, begin = 12;
  if (length > size - begin) refuse(path, "that is truncated");
  if (length > most_header) refuse(path, "with a header of " + std::to_string(length) + " bytes");
  std::string text(length, '\0');
  file.read_at(text, begin);
  NpyHeader header{.type = type_of(value_of(text, "descr", path), path),
                   .fortran_order = truth_of(value_of(text, "fortran_order", path), path),
                   .shape = shape_of(value_of(text, "shape", path), path),
                   .start = begin + length};
  check_size(header, size, path);
  return header;
}

std::string npy_bytes(std::span<const float> values, const std::vector<std::size_t>& shape) {
  constexpr std::size_t before = 10, alignment = 64;  // of the numbers, as NumPy has it
  std::size_t count = 1;
  std::string extents;
  for (const std::size_t extent : shape) {
    count *= extent;
    extents += std::to_string(extent) + ", ";
  }
  check(count == values.size(), "numbers that do not fill an array of this shape");
  const std::string order = std::endian::native == std::endian::little ? "<" : ">";
  std::string header = "{'descr': '" + order + "f4', 'fortran_order': False, 'shape': (" + extents + "), }";
  header.append(alignment - (before + header.size() + 1) % alignment, ' ');
  header += '\n';
  std::string bytes(magic);
  for (const std::size_t byte : {std::size_t{1}, std::size_t{0}, header.size() & 255, header.size() >> 8})
    bytes += static_cast<char>(byte);
  bytes += header;
  bytes.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
  return bytes;
}

}  // namespace hypercast::io
