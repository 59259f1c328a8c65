#pragma once
// NumPy's array files, byte by byte.

#include <cstdint>
#include <string>
#include <vector>

inline std::string npy_header_with(const std::string& type, const std::string& shape, int version = 1,
                                   bool fortran = false) {
  const std::string header = "{'descr': " + type + ", 'fortran_order': " + (fortran ? "True" : "False") +
                             ", 'shape': " + shape + ", }\n";
  std::string bytes = "\x93NUMPY";
  bytes += char(version);
  bytes += '\0';
  const auto length = std::uint32_t(header.size());
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i) bytes += char(length >> (8 * i) & 255);
  return bytes + header;
}

inline std::string npy_header(const std::string& code, const std::string& shape, int version = 1,
                              bool fortran = false) {
  return npy_header_with("'" + code + "'", shape, version, fortran);
}

template <class T>
std::string npy_values(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}
