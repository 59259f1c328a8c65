#pragma once
// Numbers as text, the same in every locale. Written, they are as short as reading them back exactly allows.

#include <charconv>
#include <optional>
#include <string>
#include <string_view>

namespace hypercast::io {

inline std::string text_of(double value) {
  char text[40];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

// The whole of `text`, blanks around it aside, as a number ("nan" and "inf" included); nothing when it is not
// one.
inline std::optional<double> number_of(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  text = text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
  if (text.front() == '+') text.remove_prefix(1);
  double value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size()) return {};
  return value;
}

}  // namespace hypercast::io
