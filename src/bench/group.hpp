#pragma once
// A group of measurements that a deck can name. One file, src/bench/groups/<name>.cpp: a class that may have
// a table [bench.<name>], says what must be measured before it, and adds items to the results.

#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "bench/results.hpp"
#include "core/registry.hpp"
#include "deck/section.hpp"
#include "machine/facts.hpp"
#include "machine/rounds.hpp"
#include "pde/discretisation.hpp"
#include "pde/system.hpp"

namespace hypercast::bench {

// du/dt = F(t, u) of an equation on a grid, [point][channel], as pde/rate_of_change.hpp has it. The program
// hands in who makes it, so that programs which merely know the deck need no PETSc. The system is borrowed.
using RateOfChange = std::function<void(double t, std::span<const double> u, std::span<double> rates)>;
using MakeRate = std::function<RateOfChange(const Comm&, const pde::System&, const pde::Domain&,
                                            const pde::Discretisation&)>;

struct Bench {
  const Context& context;
  const machine::Rounds& rounds;
  const machine::Facts& machine;  // of this rank
  Results& results;
  std::filesystem::path folder = {};  // of the run
  MakeRate make_rate = {};

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
