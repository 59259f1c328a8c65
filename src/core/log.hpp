#pragma once
// What a run tells its user. One line an event; rank 0 speaks, other ranks only warn, with their number.

#include <fmt/core.h>

#include <memory>
#include <string>

namespace hypercast {

class Log {
 public:
  // Writes to standard output; warnings and errors to standard error.
  explicit Log(int rank);
  ~Log();

  template <class... Args>
  void info(fmt::format_string<Args...> format, Args&&... args) const {
    if (rank_ == 0) line(fmt::format(format, std::forward<Args>(args)...));
  }
  template <class... Args>
  void warn(fmt::format_string<Args...> format, Args&&... args) const {
    warning(fmt::format(format, std::forward<Args>(args)...));
  }
  void error(const std::string& text) const;  // on whatever rank, at once
  void flush() const;

 private:
  struct Sinks;
  void line(const std::string& text) const;
  void warning(const std::string& text) const;

  int rank_;
  std::unique_ptr<Sinks> sinks_;
};

// Seconds as h:mm:ss.
std::string clock_text(double seconds);

}  // namespace hypercast
