#pragma once
// Kinds of a registry (INRs, encoders, heads, dynamics) in a deck: each describes its own table
// [<section>.<name>].

#include <fmt/format.h>

#include <memory>
#include <string>

#include "deck/deck.hpp"

namespace hypercast::hyper {

template <class Registry>
void add_kinds(Schema& schema, const std::string& section, const Registry& registry) {
  for (const auto& name : registry.names()) {
    std::shared_ptr kind = registry.find(name).make();
    schema.add(section + "." + name, [kind](Section& s) { kind->describe(s); });
  }
}

// For --list.
template <class Registry>
std::string listed(const std::string& title, const Registry& registry) {
  std::string text = title + "\n";
  for (const auto& name : registry.names())
    text += fmt::format("  {:<16} {}\n", name, registry.find(name).summary);
  return text;
}

// A kind of the registry with its parameters from the deck's table.
template <class Registry>
auto kind_of(const Deck& deck, const std::string& section, const std::string& name,
             const Registry& registry) {
  auto kind = registry.find(name).make();
  deck.read(section + "." + name, *kind);
  return kind;
}

// The section of something described, with the values in force, as TOML.
template <class Described>
std::string section_text(const std::string& name, Described& described) {
  Section section(name);
  described.describe(section);
  std::string text = "[" + name + "]\n";
  for (const auto& key : section.keys()) text += key.name() + " = " + key.value_text() + "\n";
  return text;
}

}  // namespace hypercast::hyper
