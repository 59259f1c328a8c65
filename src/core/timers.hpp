#pragma once
// Where the time goes: scoped timers by name, reduced over ranks at the end of a run. Beside the time on the
// clock they keep the processor time of the process, to which other programs on the machine add little.

#include <chrono>
#include <string>
#include <vector>

#include "core/comm.hpp"

namespace hypercast {

class Timers {
 public:
  // Adds the time from its construction to its destruction to the named timer.
  class Scope {
   public:
    Scope(Timers& timers, const std::string& name);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Timers& timers_;
    std::size_t entry_;
    std::chrono::steady_clock::time_point start_;
    double cpu_;  // at the start
  };
  Scope scope(const std::string& name) { return Scope(*this, name); }

  struct Row {
    std::string name;
    std::int64_t calls;     // on rank 0
    double min, mean, max;  // seconds over the ranks
    double cpu;             // core-seconds: processor time, the sum over the ranks
  };
  // COLLECTIVE. Timers known to rank 0, in order of first use; a rank without one counts zero seconds.
  std::vector<Row> reduce(const Comm& comm) const;
  // COLLECTIVE. The same as a table to print.
  std::string table(const Comm& comm) const;

  double seconds(const std::string& name) const;  // on this rank
  // Of these, the ones that passed within scopes of the timer `outer`: scopes may lie in each other.
  double seconds_within(const std::string& outer, const std::string& name) const;

 private:
  struct Entry {
    std::string name;
    double seconds = 0;
    double cpu = 0;
    std::int64_t calls = 0;
    std::vector<double> within = {};  // seconds of it that passed in each other entry, as far as any did
  };
  std::size_t entry(const std::string& name);
  const Entry* find(const std::string& name) const;  // null when there is none

  std::vector<Entry> entries_;
  std::vector<std::size_t> open_;  // entries of the scopes that there are, from the outermost
};

}  // namespace hypercast
