#pragma once
// A study: the validated text of one TOML file. Everything is checked when a Deck is made (unknown sections
// and keys with the nearest known one, duplicates, types, ranges); after that reading cannot fail.
// Errors are UserErrors whose text starts with file:line:column.

#include <string>
#include <utility>
#include <vector>

#include "deck/schema.hpp"

namespace hypercast {

class Deck {
 public:
  // `overrides`: "section.key=value" from --set, applied in order; a value that is not TOML is taken as a
  // string. They are checked like the deck; their place is printed as "--set section.key".
  // The schema is borrowed and must outlive the deck.
  Deck(const Schema& schema, std::string text, std::string file,
       const std::vector<std::string>& overrides = {});
  ~Deck();
  Deck(Deck&&) noexcept;

  // A struct of options, filled. UserError when a required key is missing.
  template <class Options>
  Options read() const {
    Options options;
    read(Options::section, options);
    return options;
  }
  // Fills any object with describe(Section&), e.g. a plugin's parameters in "pde.burgers".
  template <class Options>
  void read(const std::string& section, Options& options) const {
    Section s(section);
    options.describe(s);
    fill(s);
  }
  // The keys and values of a free section, in the deck's order; values as text ("true", "1e-8", "gmres").
  std::vector<std::pair<std::string, std::string>> read_free(const std::string& section) const;

  // Whether the deck, or an override, gives a value for the key.
  bool gives(const std::string& section, const std::string& key) const;

  // For checks that span keys: throws UserError(Exit::data) that points at the key (or at the deck when the
  // key was not given).
  [[noreturn]] void fail(const std::string& section, const std::string& key, const std::string& text) const;

  const std::string& text() const { return text_; }  // as the user wrote it
  // Valid TOML with the values in force: every key of every section, free sections as given, and of the
  // plugin tables ("pde.burgers") those in the deck and those that a key of the parent names (name =
  // "burgers"). Required keys that are missing are left out. Read as a deck it resolves to itself.
  std::string resolved() const;
  // 16 hex digits over the values in force in these sections, given or default, free of order and layout:
  // equal hashes mean equal settings (64-bit FNV-1a, the same in every build; no protection against malice).
  std::string hash(const std::vector<std::string>& sections) const;

 private:
  struct Table;
  void fill(Section& section) const;

  const Schema& schema_;
  std::string text_, file_;
  std::unique_ptr<Table> table_;
};

}  // namespace hypercast
