#include "deck/deck.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "core/error.hpp"
#include "deck/convert.hpp"
#include "deck/validate.hpp"
#include "deck/value_text.hpp"

namespace hypercast {

// The sections of the text with the overrides laid over them.
struct Deck::Table {
  std::vector<RawSection> sections;

  const RawSection* find(const std::string& section) const {
    for (const auto& s : sections)
      if (s.name == section) return &s;
    return nullptr;
  }
  const RawKey* find(const std::string& section, const std::string& key) const {
    const auto* found = find(section);
    if (!found) return nullptr;
    for (const auto& k : found->keys)
      if (k.name == key) return &k;
    return nullptr;
  }
  void overlay(const RawSection& change) {
    if (!find(change.name)) sections.push_back({change.name, {}, {}});
    for (auto& section : sections) {
      if (section.name != change.name) continue;
      for (const auto& key : change.keys) {
        std::erase_if(section.keys, [&](const RawKey& k) { return k.name == key.name; });
        section.keys.push_back(key);
      }
    }
  }

  // Key and value in force: what is given, else the default; "" when required and not given.
  std::string setting(const std::string& section, const Key& key) const {
    const auto* raw = find(section, key.name());
    if (!raw) return key.is_required() ? "" : toml_key(key.name()) + " = " + key.value_text() + "\n";
    KeyValue value;
    convert(raw->value, key, value);
    const auto print = [](const auto& held) { return toml_text(held); };
    return toml_key(key.name()) + " = " + std::visit(print, value) + "\n";
  }
  std::vector<std::string> settings(const Schema::Entry& entry) const {
    const std::string& name = entry.section.name();
    std::vector<std::string> lines;
    for (const auto& key : entry.section.keys()) lines.push_back(setting(name, key));
    if (const auto* section = entry.free ? find(name) : nullptr)
      for (const auto& key : section->keys)
        lines.push_back(toml_key(key.name) + " = " + key.value.text() + "\n");
    return lines;
  }

  // Is "pde.burgers" in force: given, or chosen by a key of [pde]?
  bool in_force(const Schema& schema, const std::string& section) const {
    const auto dot = section.rfind('.');
    if (find(section) || dot == std::string::npos) return true;
    const auto* parent = schema.find(section.substr(0, dot));
    if (!parent) return false;
    const std::string choice = " = " + toml_text(section.substr(dot + 1)) + "\n";
    return std::any_of(parent->section.keys().begin(), parent->section.keys().end(), [&](const Key& key) {
      return setting(parent->section.name(), key).ends_with(choice);
    });
  }
};

Deck::Deck(const Schema& schema, std::string text, std::string file,
           const std::vector<std::string>& overrides)
    : schema_(schema), text_(std::move(text)), file_(std::move(file)), table_(std::make_unique<Table>()) {
  table_->sections = parse_toml(text_, file_);
  validate(schema_, file_, table_->sections);
  for (const auto& text : overrides) {
    const RawSection change = parse_override(text);
    validate(schema_, file_, {change});
    table_->overlay(change);
  }
}

Deck::~Deck() = default;
Deck::Deck(Deck&&) noexcept = default;

void Deck::fill(Section& section) const {
  const auto* entry = schema_.find(section.name());
  check(entry && !entry->free, ("section [" + section.name() + "] is read but not in the schema").c_str());
  for (const auto& key : section.keys()) {
    const auto* raw = table_->find(section.name(), key.name());
    if (!raw && key.is_required()) fail(section.name(), key.name(), "required, but not given");
    if (!raw) continue;
    KeyValue value;
    if (const auto fault = convert(raw->value, key, value)) fail(section.name(), key.name(), fault->text);
    key.assign(value);
  }
}

std::vector<std::pair<std::string, std::string>> Deck::read_free(const std::string& section) const {
  const auto* entry = schema_.find(section);
  check(entry && entry->free, ("free section [" + section + "] is read but not in the schema").c_str());
  std::vector<std::pair<std::string, std::string>> result;
  if (const auto* given = table_->find(section))
    for (const auto& key : given->keys) {
      const auto* word = std::get_if<std::string>(&key.value.data);
      result.emplace_back(key.name, word ? *word : key.value.text());
    }
  return result;
}

bool Deck::gives(const std::string& section, const std::string& key) const {
  return table_->find(section, key) != nullptr;
}

void Deck::fail(const std::string& section, const std::string& key, const std::string& text) const {
  const auto* given = table_->find(section, key);
  if (given && given->from_override) throw UserError(Exit::data, override_position(section, key) + text);
  const auto* header = table_->find(section);
  const Place place = given ? given->place : header ? header->place : Place{};
  throw UserError(Exit::data, position(file_, place, section, key) + text);
}

std::string Deck::resolved() const {
  std::string text;
  for (const auto& entry : schema_.entries()) {
    const std::string& name = entry.section.name();
    if (!table_->in_force(schema_, name) || (entry.free && !table_->find(name))) continue;
    text += (text.empty() ? "[" : "\n[") + name + "]\n";
    for (const auto& line : table_->settings(entry)) text += line;
  }
  return text;
}

std::string Deck::hash(const std::vector<std::string>& sections) const {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a, 64 bits
  const auto add = [&](const std::string& line) {
    for (const char c : line) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  };
  for (const auto& name : sections) {
    const auto* entry = schema_.find(name);
    check(entry, ("section [" + name + "] is hashed but not in the schema").c_str());
    add("[" + name + "]\n");
    auto lines = table_->settings(*entry);
    if (entry->free) std::sort(lines.begin(), lines.end());
    for (const auto& line : lines) add(line);
  }
  return fmt::format("{:016x}", hash);
}

}  // namespace hypercast
