#pragma once
// TOML text -> sections with places. The only door to the TOML library; knows nothing of schemas.

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace hypercast {

// Where something stands in a deck, counted from 1.
struct Place {
  int line = 1;
  int column = 1;
};

struct RawValue {
  // `other` is what no key takes: a table inside a list, a date, a time; the string says which.
  struct Other {
    std::string what;
  };
  using List = std::vector<RawValue>;
  std::variant<bool, std::int64_t, double, std::string, List, Other> data;
  Place place;

  std::string kind() const;  // "a boolean", "an integer", "a list", ...
  std::string text() const;  // as TOML
};

struct RawKey {
  std::string name;
  Place place;
  RawValue value;
  bool from_override = false;  // given by --set, so that `place` means nothing
};

// One table. A table in a table has the path as name, "pde.burgers". Keys outside of any table are in "".
struct RawSection {
  std::string name;
  Place place;
  std::vector<RawKey> keys;  // in the deck's order
};

// The sections in the deck's order. UserError (data) when the text is not TOML.
std::vector<RawSection> parse_toml(const std::string& text, const std::string& file);

// A value on its own: what could stand behind a `=`, else the text itself as a string.
RawValue parse_toml_value(const std::string& text);

std::string toml_library_version();

}  // namespace hypercast
