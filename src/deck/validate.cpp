#include "deck/validate.hpp"

#include <fmt/core.h>

#include <cmath>

#include "core/error.hpp"
#include "core/nearest.hpp"
#include "deck/convert.hpp"

namespace hypercast {

namespace {

struct Validator {
  const Schema& schema;
  const std::string& file;

  [[noreturn]] void refuse(const RawSection& section, const RawKey& key, Place place,
                           const std::string& text) const {
    throw UserError(Exit::data, (key.from_override ? override_position(section.name, key.name)
                                                   : position(file, place, section.name, key.name)) +
                                    text);
  }

  // A key above the first [section], or [[section]].
  [[noreturn]] void outside(const RawKey& key) const {
    if (schema.find(key.name))
      throw UserError(Exit::data,
                      position(file, key.place, key.name) + "must be one table; write [" + key.name + "]");
    throw UserError(Exit::data, fmt::format("{}:{}:{}: {}: stands above every [section]", file,
                                            key.place.line, key.place.column, key.name));
  }

  // A name that no section has: perhaps a key of the parent that was given a table.
  void unknown_section(const RawSection& section) const {
    const auto dot = section.name.rfind('.');
    const bool nested = dot != std::string::npos;
    const auto* parent = nested ? schema.find(section.name.substr(0, dot)) : nullptr;
    if (parent) {
      const std::string word = section.name.substr(dot + 1);
      const std::string where = position(file, section.place, parent->section.name(), word);
      for (const auto& key : parent->section.keys())
        if (key.name() == word) throw UserError(Exit::data, where + wanted(key) + ", not a table");
      if (parent->free)
        throw UserError(Exit::data, where + "must be a boolean, a number or a string, not a table");
    }
    std::vector<std::string> names;
    for (const auto& entry : schema.entries()) names.push_back(entry.section.name());
    const std::string text = "unknown section" + did_you_mean(section.name, names);
    if (!section.keys.empty() && section.keys.front().from_override)
      throw UserError(Exit::data, override_position(section.name, section.keys.front().name) + text);
    throw UserError(Exit::data, position(file, section.place, section.name) + text);
  }

  void free_key(const RawSection& section, const RawKey& key) const {
    const auto& data = key.value.data;
    if (std::holds_alternative<RawValue::List>(data) || std::holds_alternative<RawValue::Other>(data))
      refuse(section, key, key.value.place,
             "must be a boolean, a number or a string, not " + key.value.kind());
    if (const auto* number = std::get_if<double>(&data); number && !std::isfinite(*number))
      refuse(section, key, key.value.place, "must be finite, not " + key.value.text());
  }

  void known_key(const Schema::Entry& entry, const RawSection& section, const RawKey& raw) const {
    std::vector<std::string> names;
    for (const auto& key : entry.section.keys()) {
      names.push_back(key.name());
      if (key.name() != raw.name) continue;
      KeyValue value;
      if (const auto fault = convert(raw.value, key, value)) refuse(section, raw, fault->place, fault->text);
      return;
    }
    refuse(section, raw, raw.place, "unknown key" + did_you_mean(raw.name, names));
  }
};

}  // namespace

std::string position(const std::string& file, Place place, const std::string& section,
                     const std::string& key) {
  return fmt::format("{}:{}:{}: [{}]{}: ", file, place.line, place.column, section,
                     key.empty() ? "" : " " + key);
}

std::string override_position(const std::string& section, const std::string& key) {
  return "--set " + section + "." + key + ": ";
}

void validate(const Schema& schema, const std::string& file, const std::vector<RawSection>& sections) {
  const Validator validator{schema, file};
  for (const auto& section : sections) {
    if (section.name.empty()) validator.outside(section.keys.front());
    const auto* entry = schema.find(section.name);
    if (!entry) validator.unknown_section(section);
    for (const auto& key : section.keys)
      entry->free ? validator.free_key(section, key) : validator.known_key(*entry, section, key);
  }
}

RawSection parse_override(const std::string& text) {
  const auto equals = text.find('=');
  const std::string path = text.substr(0, equals);
  const auto dot = path.rfind('.');
  if (equals == std::string::npos || dot == std::string::npos || dot == 0 || dot + 1 == path.size())
    throw UserError(Exit::usage, "--set " + text + ": write --set section.key=value");
  RawKey key{path.substr(dot + 1), {}, parse_toml_value(text.substr(equals + 1)), true};
  return {path.substr(0, dot), {}, {std::move(key)}};
}

}  // namespace hypercast
