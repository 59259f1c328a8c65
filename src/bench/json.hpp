#pragma once
// bench.json: one object.
//
//   {"app": "hypercast-bench", "version", "git_hash", "git_dirty", "command_line", "started",
//   "deck_resolved",
//    "machine": {"processor", "logical_processors", "cores", "threads_per_core", "usable_processors",
//                "hypervisor", "megahertz", "isa": [...], "caches": [{"level", "type", "bytes",
//                "shared_by"}], "memory_bytes", "transparent_hugepages"},
//    "run": {"ranks", "ranks_per_node", "nodes", "mpi", "compiler", "flags", "isa", "kernels": the
//    instruction
//            set in use (core/isa.hpp), "seconds", "repeats",
//            "cpu_share": of the time that rank 0 measured, the part in which it had a processor},
//    "items": [{"name", "unit", "what", "median", "lower_quartile", "upper_quartile", "count",
//               "bound": null or {"name", "value"}, "fraction": null or a number}],
//    "tables": [{"name", "what", "columns": [...], "rows": [[...]]}],
//    "notes": [...]}

#include <ctime>
#include <string>

#include "bench/results.hpp"
#include "machine/facts.hpp"
#include "machine/rounds.hpp"

namespace hypercast::bench {

struct RunFacts {
  std::string command_line, deck_resolved, mpi;
  std::time_t started = 0;
  int ranks = 1;
  int ranks_per_node = 1;  // on the node of rank 0
  int nodes = 1;
  machine::Rounds rounds;
  double cpu_share = 1;
};

std::string json_of(const RunFacts& run, const machine::Facts& machine, const Results& results);

}  // namespace hypercast::bench
