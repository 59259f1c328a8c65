#pragma once
// Every section a deck may have. Each module adds its own; an app validates the whole deck against all of
// them, also the sections that only other apps use.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "deck/section.hpp"

namespace hypercast {

class Schema {
 public:
  // Describes a throw-away object, so that names, types, ranges and defaults are known.
  using Describe = std::function<void(Section&)>;

  // Options with `section` and `describe` (see section.hpp).
  template <class Options>
  void add() {
    auto options = std::make_shared<Options>();
    add(Options::section, [options](Section& s) { options->describe(s); });
  }
  void add(const std::string& section, Describe describe);
  // A section whose keys are not ours: any key, scalar values, passed on as text.
  void add_free(const std::string& section, const std::string& about);

  struct Entry {
    Section section;
    bool free = false;
  };
  const std::vector<Entry>& entries() const { return entries_; }
  const Entry* find(const std::string& section) const;

  std::string help() const;                            // the list of sections, one line each
  std::string help(const std::string& section) const;  // UserError (usage) when unknown
  std::string key_reference() const;                   // inputs/README.md's table, Markdown

 private:
  std::vector<Entry> entries_;
  std::vector<Describe> describers_;  // keep the described objects alive
};

}  // namespace hypercast
