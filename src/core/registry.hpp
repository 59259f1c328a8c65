#pragma once
// A table from the names users write in decks to factories. Filled by explicit calls that CMake generates
// from the files of a folder (`register_<stem>`), so the file's name is the deck's name.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/nearest.hpp"

namespace hypercast {

template <class Factory>
class Registry {
 public:
  struct Entry {
    std::string summary;  // one line for --list
    Factory make;
  };

  explicit Registry(std::string kind) : kind_(std::move(kind)) {}

  void add(const std::string& name, const std::string& summary, Factory make) {
    check(entries_.emplace(name, Entry{summary, std::move(make)}).second, "a name is registered twice");
  }
  // UserError (Exit::data) with the nearest known name when there is none called `name`.
  const Entry& find(const std::string& name) const {
    const auto entry = entries_.find(name);
    if (entry == entries_.end())
      throw UserError(Exit::data, "unknown " + kind_ + " '" + name + "'" + did_you_mean(name, names()));
    return entry->second;
  }
  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const auto& [name, entry] : entries_) result.push_back(name);
    return result;
  }

 private:
  std::string kind_;
  std::map<std::string, Entry> entries_;
};

}  // namespace hypercast
