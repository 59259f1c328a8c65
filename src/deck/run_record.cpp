#include "deck/run_record.hpp"

#include <fmt/core.h>

#include "core/json_text.hpp"
#include "core/version.hpp"

namespace hypercast {

namespace {

std::string object(const std::vector<Timers::Row>& timers) {
  std::string out;
  for (const auto& row : timers)
    out += fmt::format(R"({}{}:{{"calls":{},"min_s":{:.6f},"mean_s":{:.6f},"max_s":{:.6f},"cpu_s":{:.6f}}})",
                       out.empty() ? "" : ",", json_text(row.name), row.calls, row.min, row.mean, row.max,
                       row.cpu);
  return "{" + out + "}";
}

}  // namespace

std::string RunRecord::json() const {
  const Version v = version();
  return fmt::format(
      R"({{"app":{},"version":{},"git_hash":{},"git_dirty":{},"command_line":{},"ranks":{},"started":{},)"
      R"("walltime_s":{:.6f},"exit_code":{},"deck_file":{},"deck_resolved":{},"timers":{}}})",
      json_text(app), json_text(v.version), json_text(v.git_hash), v.git_dirty, json_text(command_line),
      ranks, json_text(iso_time(started)), walltime, static_cast<int>(exit), json_text(deck_file),
      json_text(deck_resolved), object(timers));
}

std::string iso_time(std::time_t moment) {
  std::tm local = {};
  localtime_r(&moment, &local);
  char text[32];
  const auto length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S%z", &local);
  std::string result(text, length);
  return result.insert(length - 2, ":");  // +0200 -> +02:00
}

}  // namespace hypercast
