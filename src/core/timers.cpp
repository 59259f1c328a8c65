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
      cpu_(cpu_seconds()) {
  timers_.open_.push_back(entry_);
}

Timers::Scope::~Scope() {
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start_;
  Entry& entry = timers_.entries_[entry_];
  entry.seconds += elapsed.count();
  entry.cpu += cpu_seconds() - cpu_;
  entry.calls += 1;
  timers_.open_.pop_back();
  for (const std::size_t outer : timers_.open_) {
    entry.within.resize(std::max(entry.within.size(), outer + 1));
    entry.within[outer] += elapsed.count();
  }
}

std::size_t Timers::entry(const std::string& name) {
  if (const Entry* known = find(name)) return known - entries_.data();
  entries_.push_back({name});
  return entries_.size() - 1;
}

const Timers::Entry* Timers::find(const std::string& name) const {
  const auto at =
      std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.name == name; });
  return at == entries_.end() ? nullptr : &*at;
}

double Timers::seconds(const std::string& name) const {
  const Entry* entry = find(name);
  return entry ? entry->seconds : 0;
}

double Timers::seconds_within(const std::string& outer, const std::string& name) const {
  const Entry *around = find(outer), *entry = find(name);
  if (!around || !entry) return 0;
  const std::size_t at = around - entries_.data();
  return at < entry->within.size() ? entry->within[at] : 0;
}

std::vector<Timers::Row> Timers::reduce(const Comm& comm) const {
  std::string names;
  for (const auto& e : entries_) names += e.name + '\n';
  names = comm.broadcast(names);
  std::vector<Row> rows;
  for (std::size_t at = 0; at < names.size();) {
    const auto end = names.find('\n', at);
    const std::string name = names.substr(at, end - at);
    const Entry* entry = find(name);
    const double mine = entry ? entry->seconds : 0, cpu = entry ? entry->cpu : 0;
    rows.push_back({name, entry ? entry->calls : 0, comm.min(mine), comm.sum(mine) / comm.size(),
                    comm.max(mine), comm.sum(cpu)});
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
