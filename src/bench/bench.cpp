#include "bench/bench.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <ctime>

#include "bench/group.hpp"
#include "bench/json.hpp"
#include "bench/options.hpp"
#include "io/durable.hpp"
#include "io/on_root.hpp"

namespace hypercast::bench {

namespace {

struct NamedGroup {
  std::string name;
  std::unique_ptr<Group> group;
};

bool contains(const std::vector<NamedGroup>& groups, const std::string& name) {
  return std::any_of(groups.begin(), groups.end(), [&](const auto& g) { return g.name == name; });
}

std::vector<NamedGroup> groups_of(const Deck& deck, const BenchOptions& options) {
  const auto registry = group_registry();
  std::vector<NamedGroup> groups;
  for (const auto& name : options.groups) {
    if (contains(groups, name)) deck.fail("bench", "groups", "names " + name + " twice");
    NamedGroup next{name, nullptr};
    try {
      next.group = registry.find(name).make();
    } catch (const UserError& unknown) {
      deck.fail("bench", "groups", unknown.what());
    }
    deck.read("bench." + name, *next.group);
    for (const auto& earlier : next.group->after())
      if (!contains(groups, earlier)) deck.fail("bench", "groups", name + " needs " + earlier + " before it");
    groups.push_back(std::move(next));
  }
  if (groups.empty()) deck.fail("bench", "groups", "names none");
  return groups;
}

void log_machine(const Log& log, const machine::Facts& m) {
  log.info("{}: {} logical processors, {} cores{}, compiled for {}", m.processor, m.logical_processors,
           m.cores, m.hypervisor.empty() ? "" : ", behind a hypervisor", machine::compiled_isa());
  if (m.threads_per_core > 1) log.info("{} threads share a core", m.threads_per_core);
}

RunFacts facts_of(const Study& study, const machine::Rounds& rounds, std::time_t started) {
  const auto& context = study.context;
  RunFacts run{study.command_line,  study.deck.resolved(), "", started,
               context.comm.size(), context.node.size(),   1,  rounds};
  for (const auto& [name, version] : study.libraries)
    if (name == "mpi") run.mpi = version;
  run.nodes = context.comm.sum(context.node.is_root() ? 1 : 0);
  return run;
}

// How much of the time this rank had a processor. It never waits long for others, and spins when it does.
class Presence {
 public:
  double share() const {
    return static_cast<double>(std::clock() - cpu_) / CLOCKS_PER_SEC / (wall_seconds() - wall_);
  }

 private:
  std::clock_t cpu_ = std::clock();
  double wall_ = wall_seconds();
};

// COLLECTIVE. False when the run was asked to stop.
bool measure(const Bench& bench, const std::vector<NamedGroup>& groups) {
  const Context& context = bench.context;
  context.log.info("{}", title_line());
  for (const auto& [name, group] : groups) {
    const auto scope = context.timers.scope(name);
    group->run(bench);
    if (const Wish wish = context.signals.poll(context.comm); wish.stop || wish.at_once) return false;
  }
  return true;
}

void warn_of_company(const Log& log, const machine::Rounds& rounds, double share) {
  constexpr double whole = 0.95, shortest = 0.01;  // below it, the pauses between samples count
  if (share < whole && rounds.seconds >= shortest)
    log.warn("rank 0 had a processor {:.0f} % of the time: other programs run, and rates are too low",
             100 * share);
}

}  // namespace

void Bench::add(Item item) const {
  context.log.info("{}", line_of(item));
  results.items.push_back(std::move(item));
}

GroupRegistry group_registry() {
  GroupRegistry registry("group of measurements");
  register_groups(registry);
  return registry;
}

Exit bench(const Study& study, const MakeRate& make_rate) {
  const auto& context = study.context;
  const std::time_t started = std::time(nullptr);
  const auto options = study.deck.read<BenchOptions>();
  const auto groups = groups_of(study.deck, options);
  const machine::Rounds rounds{options.repeats, options.seconds};
  const machine::Facts machine = machine::facts();
  Results results;
  log_machine(context.log, machine);
  if (context.comm.is_root() && context.node.size() > machine.logical_processors)
    context.log.warn("more ranks than processors: times say little");
  const Presence presence;
  if (!measure({context, rounds, machine, results, study.folder, make_rate}, groups)) return Exit::again;
  RunFacts run = facts_of(study, rounds, started);
  run.cpu_share = presence.share();
  if (context.comm.is_root()) warn_of_company(context.log, rounds, run.cpu_share);
  for (const auto& table : results.tables)
    if (const auto text = text_of(table); !text.empty()) context.log.info("\n{}", text);
  for (const auto& note : results.notes) context.log.info("{}", note);
  const auto file = study.folder / "bench" / "bench.json";
  io::on_root(context.comm, [&] { io::write_durably(file, json_of(run, machine, results)); });
  context.log.info("everything in {}", file.string());
  return Exit::ok;
}

std::string describe(const Study& study) {
  const auto options = study.deck.read<BenchOptions>();
  std::string text = fmt::format("{} samples of {:g} s for each item of", options.repeats, options.seconds);
  for (const auto& [name, group] : groups_of(study.deck, options)) text += " " + name;
  return text + "\n";
}

std::string list_groups() {
  const auto registry = group_registry();
  std::string text = "groups of measurements:\n";
  for (const auto& name : registry.names())
    text += fmt::format("  {:<16} {}\n", name, registry.find(name).summary);
  return text;
}

}  // namespace hypercast::bench
