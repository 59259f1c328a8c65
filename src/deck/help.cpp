// What a Schema tells people: --help, --help SECTION and the key reference.

#include <fmt/core.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/nearest.hpp"
#include "deck/schema.hpp"
#include "deck/value_text.hpp"

namespace hypercast {

namespace {

// "> 0, unit s" and the like, behind the type.
std::string nature(const Key& key) {
  std::string text = key.type();
  if (key.is_required()) text += ", required";
  if (const auto range = key.range(); !range.empty())
    text += key.words().empty() ? ", " + range : ": " + range;
  if (!key.unit().empty()) text += " [" + key.unit() + "]";
  return text;
}

// A cell of a Markdown table.
std::string cell(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

std::string code(const std::string& text) { return text.empty() ? "" : "`" + cell(text) + "`"; }

std::string table_row(const Key& key) {
  return fmt::format("| {} | {} | {} | {} | {} | {} |\n", code(key.name()), key.type(),
                     key.is_required() ? "required" : code(key.value_text()), cell(key.unit()),
                     cell(key.range()), cell(key.doc()));
}

std::vector<std::string> names_of(const std::vector<Schema::Entry>& entries) {
  std::vector<std::string> names;
  for (const auto& entry : entries) names.push_back(entry.section.name());
  return names;
}

}  // namespace

std::string Schema::help() const {
  std::size_t width = 0;
  for (const auto& name : names_of(entries_)) width = std::max(width, name.size() + 2);
  std::string text;
  for (const auto& entry : entries_) {
    const std::string line =
        fmt::format("  {:<{}}  {}", "[" + entry.section.name() + "]", width, entry.section.about());
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

// The section as a deck would give it, with the defaults; it can be pasted into one.
std::string Schema::help(const std::string& section) const {
  const Entry* entry = find(section);
  if (!entry)
    throw UserError(Exit::usage,
                    "unknown section [" + section + "]" + did_you_mean(section, names_of(entries_)));
  std::string text;
  if (!entry->section.about().empty()) text += "# " + entry->section.about() + "\n";
  text += "[" + section + "]\n";
  if (entry->free) text += "# any key = boolean, number or string\n";
  std::size_t width = 0;
  const auto setting = [](const Key& key) {
    return key.is_required() ? "# " + key.name() + " = ..." : key.name() + " = " + key.value_text();
  };
  for (const auto& key : entry->section.keys()) width = std::max(width, setting(key).size());
  width = std::min<std::size_t>(width, 40);
  for (const auto& key : entry->section.keys())
    text += fmt::format("{:<{}}  # {} ({})\n", setting(key), width, key.doc(), nature(key));
  for (const auto& name : names_of(entries_))
    if (name.starts_with(section + ".")) text += "# see also --help " + name + "\n";
  return text;
}

std::string Schema::key_reference() const {
  std::string text;
  for (const auto& entry : entries_) {
    text += (text.empty() ? "" : "\n") + fmt::format("## [{}]\n\n", entry.section.name());
    if (!entry.section.about().empty()) text += entry.section.about() + "\n\n";
    if (entry.free) text += "Any key with a boolean, a number or a string.\n";
    if (entry.free || entry.section.keys().empty()) continue;
    text += "| key | type | default | unit | range | meaning |\n|---|---|---|---|---|---|\n";
    for (const auto& key : entry.section.keys()) text += table_row(key);
  }
  return text;
}

}  // namespace hypercast
