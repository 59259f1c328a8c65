#pragma once
// A deck held against a schema, before anything is done with it.

#include <string>
#include <vector>

#include "deck/schema.hpp"
#include "deck/toml_reader.hpp"

namespace hypercast {

// "file:3:7: [section] key: ", or "--set section.key: " for what came from the command line; without a key
// "file:3:2: [section]: ".
std::string position(const std::string& file, Place place, const std::string& section,
                     const std::string& key = "");
std::string override_position(const std::string& section, const std::string& key);

// UserError (data) for the first key or section that the schema does not allow.
void validate(const Schema& schema, const std::string& file, const std::vector<RawSection>& sections);

// One "section.key=value" of --set, as a section with one key. UserError (usage) when it has another form.
RawSection parse_override(const std::string& text);

}  // namespace hypercast
