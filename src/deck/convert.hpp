#pragma once
// From what stands in a deck to the value of a key.

#include <optional>
#include <string>

#include "deck/section.hpp"
#include "deck/toml_reader.hpp"

namespace hypercast {

// What is wrong, and where.
struct Fault {
  Place place;
  std::string text;
};

// Fills `value`, or says why this is no value of `key`: wrong type, not finite, out of range, unknown choice.
std::optional<Fault> convert(const RawValue& raw, const Key& key, KeyValue& value);

std::string wanted(const Key& key);  // "must be an integer"

}  // namespace hypercast
