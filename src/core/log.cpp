#include "core/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace hypercast {

struct Log::Sinks {
  spdlog::logger out{"out", std::make_shared<spdlog::sinks::stdout_sink_st>()};
  spdlog::logger err{"err", std::make_shared<spdlog::sinks::stderr_sink_st>()};
};

Log::Log(int rank) : rank_(rank), sinks_(std::make_unique<Sinks>()) {
  sinks_->out.set_pattern("%v");
  sinks_->err.set_pattern("%v");
  sinks_->out.flush_on(spdlog::level::info);
  sinks_->err.flush_on(spdlog::level::info);
}

Log::~Log() = default;

void Log::line(const std::string& text) const { sinks_->out.info("{}", text); }

void Log::warning(const std::string& text) const {
  if (rank_ == 0) sinks_->err.warn("warning: {}", text);
  if (rank_ != 0) sinks_->err.warn("warning (rank {}): {}", rank_, text);
}

void Log::error(const std::string& text) const { sinks_->err.error("{}", text); }

void Log::flush() const {
  sinks_->out.flush();
  sinks_->err.flush();
}

std::string clock_text(double seconds) {
  const auto whole = static_cast<long>(seconds < 0 ? 0 : seconds + 0.5);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

}  // namespace hypercast
