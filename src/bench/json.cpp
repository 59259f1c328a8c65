#include "bench/json.hpp"

#include <fmt/core.h>

#include "core/isa.hpp"
#include "core/json_text.hpp"
#include "core/version.hpp"
#include "deck/run_record.hpp"

namespace hypercast::bench {

namespace {

// The pieces of a list or an object, joined.
template <class List, class Piece>
std::string joined(const List& list, Piece piece, const char* separator = ",") {
  std::string text;
  for (const auto& entry : list) text += (text.empty() ? "" : separator) + piece(entry);
  return text;
}

std::string object_of(const machine::Facts& m) {
  const auto caches = joined(m.caches, [](const machine::Cache& c) {
    return fmt::format(R"({{"level":{},"type":{},"bytes":{},"shared_by":{}}})", c.level, json_text(c.type),
                       json_number(c.bytes), c.shared_by);
  });
  return fmt::format(
      R"({{"processor":{},"logical_processors":{},"cores":{},"threads_per_core":{},"usable_processors":{},)"
      R"("hypervisor":{},"megahertz":{},"isa":[{}],"caches":[{}],"memory_bytes":{},)"
      R"("transparent_hugepages":{}}})",
      json_text(m.processor), m.logical_processors, m.cores, m.threads_per_core, m.usable_processors,
      json_text(m.hypervisor), json_number(m.megahertz), joined(m.isa, json_text), caches,
      json_number(m.memory), json_text(m.transparent_hugepages));
}

std::string object_of(const RunFacts& run) {
  const Version v = version();
  return fmt::format(R"({{"ranks":{},"ranks_per_node":{},"nodes":{},"mpi":{},"compiler":{},"flags":{},)"
                     R"("isa":{},"kernels":{},"seconds":{},"repeats":{},"cpu_share":{}}})",
                     run.ranks, run.ranks_per_node, run.nodes, json_text(run.mpi), json_text(v.compiler),
                     json_text(v.cxx_flags), json_text(machine::compiled_isa()), json_text(isa_name(isa())),
                     json_number(run.rounds.seconds), run.rounds.repeats, json_number(run.cpu_share));
}

std::string object_of(const Item& item) {
  const auto bound = item.bound ? fmt::format(R"({{"name":{},"value":{}}})", json_text(item.bound->name),
                                              json_number(item.bound->value))
                                : "null";
  const auto fraction = item.fraction() ? json_number(*item.fraction()) : "null";
  return fmt::format(R"({{"name":{},"unit":{},"what":{},"median":{},"lower_quartile":{},"upper_quartile":{},)"
                     R"("count":{},"bound":{},"fraction":{}}})",
                     json_text(item.name), json_text(item.unit), json_text(item.what),
                     json_number(item.summary.median), json_number(item.summary.lower),
                     json_number(item.summary.upper), item.summary.count, bound, fraction);
}

std::string object_of(const Table& table) {
  const auto rows = joined(
      table.rows, [](const auto& row) { return "[" + joined(row, json_number) + "]"; }, ",\n   ");
  return fmt::format(R"({{"name":{},"what":{},"columns":[{}],"rows":[{}]}})", json_text(table.name),
                     json_text(table.what), joined(table.columns, json_text), rows);
}

}  // namespace

std::string json_of(const RunFacts& run, const machine::Facts& machine, const Results& results) {
  const Version v = version();
  const auto object = [](const auto& thing) { return object_of(thing); };
  return fmt::format(
      R"({{"app":"hypercast-bench","version":{},"git_hash":{},"git_dirty":{},"command_line":{},)"
      R"("started":{},"deck_resolved":{},)"
      "\n\"machine\":{},\n\"run\":{},\n\"items\":[\n  {}],\n\"tables\":[\n  {}],\n\"notes\":[{}]}}\n",
      json_text(v.version), json_text(v.git_hash), v.git_dirty, json_text(run.command_line),
      json_text(iso_time(run.started)), json_text(run.deck_resolved), object_of(machine), object_of(run),
      joined(results.items, object, ",\n  "), joined(results.tables, object, ",\n  "),
      joined(results.notes, json_text));
}

}  // namespace hypercast::bench
