#pragma once
// A group of measurements that a deck can name. One file, src/bench/groups/<name>.cpp: a class that may have
// a table [bench.<name>], says what must be measured before it, and adds items to the results.

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bench/results.hpp"
#include "core/registry.hpp"
#include "deck/section.hpp"
#include "machine/facts.hpp"
#include "machine/rounds.hpp"

namespace hypercast::bench {

struct Bench {
  const Context& context;
  const machine::Rounds& rounds;
  const machine::Facts& machine;  // of this rank
  Results& results;
  std::filesystem::path folder = {};  // of the run

  // To the results, and a line to the log.
  void add(Item item) const;
};

class Group {
 public:
  virtual ~Group() = default;
  virtual void describe(Section& section) = 0;  // its table, perhaps without keys
  // Groups that must come before this one in the list of the deck.
  virtual std::vector<std::string> after() const { return {}; }
  // COLLECTIVE.
  virtual void run(const Bench& bench) const = 0;
};

using GroupRegistry = Registry<std::function<std::unique_ptr<Group>()>>;
void register_groups(GroupRegistry& registry);  // all files of groups/
GroupRegistry group_registry();

}  // namespace hypercast::bench
