#pragma once
// Values as TOML text. Equal values give equal text, and parsing the text gives the value back bit by bit.

#include <cstdint>
#include <string>
#include <vector>

namespace hypercast {

std::string toml_text(bool value);
std::string toml_text(int value);
std::string toml_text(std::int64_t value);
std::string toml_text(double value);  // the shortest that reads back: 1.0, 1e-8
std::string toml_text(const std::string& value);

template <class T>
std::string toml_text(const std::vector<T>& values) {
  std::string text;
  for (const auto& value : values) text += (text.empty() ? "" : ", ") + toml_text(value);
  return "[" + text + "]";
}

// A key as it stands before the `=`: bare where TOML allows it, else quoted.
std::string toml_key(const std::string& name);

}  // namespace hypercast
