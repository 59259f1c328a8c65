#pragma once
// run.json in the run folder: who ran, with which deck, when, and how it ended. JSON Lines: one object a run,
// one run a line, so that a run only ever appends. A run that aborts leaves no line.
//
//   {"app":"hypercast-train","version":"1.0.0","git_hash":"...","git_dirty":false,"command_line":"...",
//    "ranks":4,"started":"2024-05-01T12:00:00+02:00","walltime_s":83.2,"exit_code":0,"deck_file":"heat.toml",
//    "deck_resolved":"...","timers":{"solve":{"calls":41,"min_s":80.912214,"mean_s":81.2,"max_s":81.4,
//    "cpu_s":323.9}}}
//
// Timers are those of the table at the end, over the ranks; cpu_s is processor time, the sum over the ranks.
// A run that ends with an error leaves none.

#include <ctime>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/timers.hpp"

namespace hypercast {

struct RunRecord {
  std::string app;
  std::string command_line;
  int ranks = 1;
  std::time_t started = 0;
  double walltime = 0;  // seconds
  Exit exit = Exit::ok;
  std::string deck_file;
  std::string deck_resolved;
  std::vector<Timers::Row> timers;

  std::string json() const;  // one line
};

// ISO 8601 in local time with its offset from UTC.
std::string iso_time(std::time_t moment);

}  // namespace hypercast
