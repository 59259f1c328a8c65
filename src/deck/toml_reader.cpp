#include "deck/toml_reader.hpp"

#include <fmt/core.h>
#include <toml++/toml.h>

#include <algorithm>
#include <optional>
#include <type_traits>

#include "core/error.hpp"
#include "deck/value_text.hpp"

namespace hypercast {

namespace {

Place place_of(const toml::source_region& source) {
  return {static_cast<int>(source.begin.line), static_cast<int>(source.begin.column)};
}

RawValue convert(const toml::node& node) {
  const Place place = place_of(node.source());
  if (const auto* list = node.as_array()) {
    RawValue::List items;
    for (const auto& item : *list) items.push_back(convert(item));
    return {std::move(items), place};
  }
  if (const auto* value = node.as_boolean()) return {value->get(), place};
  if (const auto* value = node.as_integer()) return {value->get(), place};
  if (const auto* value = node.as_floating_point()) return {value->get(), place};
  if (const auto* value = node.as_string()) return {value->get(), place};
  return {RawValue::Other{node.is_table() ? "a table" : "a date or time"}, place};
}

bool before(const Place& a, const Place& b) {
  return a.line != b.line ? a.line < b.line : a.column < b.column;
}

void collect(const toml::table& table, const std::string& name, Place place, std::vector<RawSection>& out) {
  RawSection section{name, place, {}};
  bool has_tables = false;
  for (const auto& [key, node] : table) {
    const std::string word(key.str());
    if (const auto* child = node.as_table()) {
      has_tables = true;
      collect(*child, name.empty() ? word : name + "." + word, place_of(key.source()), out);
    } else {
      section.keys.push_back({word, place_of(key.source()), convert(node)});
    }
  }
  std::sort(section.keys.begin(), section.keys.end(),
            [](const RawKey& a, const RawKey& b) { return before(a.place, b.place); });
  // [pde.burgers] alone makes no section "pde".
  if (!section.keys.empty() || (!has_tables && !name.empty())) out.push_back(std::move(section));
}

// The library recurses once a level when it gives a table back, so absurd depths would exhaust the stack.
std::optional<Place> too_deep(const std::string& text) {
  constexpr int most = 256;
  Place place;
  int dots = 0;
  for (const char c : text) {
    dots = c == '.' ? dots + 1 : std::string_view(",=\n[]{}#").find(c) == std::string_view::npos ? dots : 0;
    if (dots > most) return place;
    place = c == '\n' ? Place{place.line + 1, 1} : Place{place.line, place.column + 1};
  }
  return {};
}

// One line, without the library's preamble.
std::string reason(const toml::parse_error& error) {
  std::string text(error.description());
  const std::string preamble = "Error while parsing ";
  if (text.starts_with(preamble)) text.erase(0, preamble.size());
  const std::string again = "cannot redefine existing ";
  if (const auto at = text.find(again); at != std::string::npos)
    return "given twice: " + text.substr(text.find('\'', at));
  std::replace(text.begin(), text.end(), '\n', ' ');
  if (text.starts_with("Enc")) text.front() = 'e';
  return "not valid TOML: " + text;
}

}  // namespace

std::string RawValue::kind() const {
  struct Names {
    std::string operator()(bool) const { return "a boolean"; }
    std::string operator()(std::int64_t) const { return "an integer"; }
    std::string operator()(double) const { return "a number with a fraction"; }
    std::string operator()(const std::string&) const { return "a string"; }
    std::string operator()(const List&) const { return "a list"; }
    std::string operator()(const Other& other) const { return other.what; }
  };
  return std::visit(Names{}, data);
}

std::string RawValue::text() const {
  const auto print = [](const auto& value) -> std::string {
    using T = std::decay_t<decltype(value)>;
    if constexpr (std::is_same_v<T, Other>) {
      return value.what;
    } else if constexpr (std::is_same_v<T, List>) {
      std::string text;
      for (const auto& item : value) text += (text.empty() ? "" : ", ") + item.text();
      return "[" + text + "]";
    } else {
      return toml_text(value);
    }
  };
  return std::visit(print, data);
}

std::vector<RawSection> parse_toml(const std::string& text, const std::string& file) {
  const auto refuse = [&](Place at, const std::string& why) {
    return UserError(Exit::data, fmt::format("{}:{}:{}: {}", file, at.line, at.column, why));
  };
  if (const auto at = too_deep(text)) throw refuse(*at, "not valid TOML: nested too deeply");
  std::vector<RawSection> sections;
  try {
    collect(toml::parse(text), "", {}, sections);
  } catch (const toml::parse_error& error) {
    throw refuse(place_of(error.source()), reason(error));
  }
  std::sort(sections.begin(), sections.end(),
            [](const RawSection& a, const RawSection& b) { return before(a.place, b.place); });
  return sections;
}

RawValue parse_toml_value(const std::string& text) {
  if (!too_deep(text)) {
    try {
      const auto table = toml::parse("value = " + text);
      if (table.size() == 1 && table.begin()->first.str() == "value") return convert(table.begin()->second);
    } catch (const toml::parse_error&) {  // then it is a bare word
    }
  }
  return {text, {}};
}

std::string toml_library_version() {
  return fmt::format("{}.{}.{}", TOML_LIB_MAJOR, TOML_LIB_MINOR, TOML_LIB_PATCH);
}

}  // namespace hypercast
