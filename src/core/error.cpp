#include "core/error.hpp"

namespace hypercast {

namespace {

// The path below src/, which says enough and names no machine.
std::string place(Where where) {
  const std::string file = where.file;
  const auto start = file.rfind("/src/");
  return (start == std::string::npos ? file : file.substr(start + 5)) + ":" + std::to_string(where.line);
}

}  // namespace

Error::Error(const std::string& text, Exit code, Where where)
    : std::runtime_error(text + " [" + place(where) + "]"), text_(text), code_(code) {}

void check(bool condition, const char* text, Where where) {
  if (!condition) throw Error(text, Exit::internal, where);
}

}  // namespace hypercast
