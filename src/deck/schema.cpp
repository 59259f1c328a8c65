#include "deck/schema.hpp"

#include <set>

#include "core/error.hpp"

namespace hypercast {

void Schema::add(const std::string& section, Describe describe) {
  check(!find(section), ("section [" + section + "] is described twice").c_str());
  Section described(section);
  describe(described);
  std::set<std::string> names;
  for (const auto& key : described.keys())
    check(names.insert(key.name()).second,
          ("[" + section + "] " + key.name() + " is described twice").c_str());
  entries_.push_back({std::move(described), false});
  describers_.push_back(std::move(describe));
}

void Schema::add_free(const std::string& section, const std::string& about) {
  check(!find(section), ("section [" + section + "] is described twice").c_str());
  Section described(section);
  described.about(about);
  entries_.push_back({std::move(described), true});
}

const Schema::Entry* Schema::find(const std::string& section) const {
  for (const auto& entry : entries_)
    if (entry.section.name() == section) return &entry;
  return nullptr;
}

}  // namespace hypercast
