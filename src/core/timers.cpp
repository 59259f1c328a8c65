#include "core/timers.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <ctime>

namespace hypercast {

namespace {

double cpu_seconds() {
  std::timespec now = {};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

}  // namespace

Timers::Scope::Scope(Timers& timers, const std::string& name)
    : timers_(timers),
      entry_(timers.entry(name)),
      start_(std::chrono::steady_clock::now()),
      cpu_(cpu_seconds()) {}

Timers::Scope::~Scope() {
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start_;
  timers_.entries_[entry_].seconds += elapsed.count();
  timers_.entries_[entry_].cpu += cpu_seconds() - cpu_;
  timers_.entries_[entry_].calls += 1;
}

std::size_t Timers::entry(const std::string& name) {
  const auto at =
      std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.name == name; });
  if (at != entries_.end()) return at - entries_.begin();
  entries_.push_back({name});
  return entries_.size() - 1;
}

double Timers::seconds(const std::string& name) const {
  for (const auto& e : entries_)
    if (e.name == name) return e.seconds;
  return 0;
}

std::vector<Timers::Row> Timers::reduce(const Comm& comm) const {
  std::string names;
  for (const auto& e : entries_) names += e.name + '\n';
  names = comm.broadcast(names);
  std::vector<Row> rows;
  for (std::size_t at = 0; at < names.size();) {
    const auto end = names.find('\n', at);
    const std::string name = names.substr(at, end - at);
    const double mine = seconds(name);
    std::int64_t calls = 0;
    double cpu = 0;
    for (const auto& e : entries_) {
      if (e.name != name) continue;
      calls = e.calls;
      cpu = e.cpu;
    }
    rows.push_back(
        {name, calls, comm.min(mine), comm.sum(mine) / comm.size(), comm.max(mine), comm.sum(cpu)});
    at = end + 1;
  }
  return rows;
}

std::string Timers::table(const Comm& comm) const {
  const auto rows = reduce(comm);
  std::size_t width = 5;
  for (const auto& row : rows) width = std::max(width, row.name.size());
  std::string text =
      fmt::format("{:<{}}  {:>8}  {:>9}  {:>9}  {:>9}", "timer", width, "calls", "min s", "mean s", "max s");
  for (const auto& row : rows)
    text += fmt::format("\n{:<{}}  {:>8}  {:>9.3f}  {:>9.3f}  {:>9.3f}", row.name, width, row.calls, row.min,
                        row.mean, row.max);
  return text;
}

}  // namespace hypercast
