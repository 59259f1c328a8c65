#pragma once
// What happens to an exception that strikes one rank: its text with the rank's number, then the end of all
// ranks with its exit code.
//
// Nobody catches such an exception. It thus finds no handler and ends in std::terminate with the stack still
// standing. Unwinding it instead would run destructors that are collective (shared windows, PETSc) on this
// rank alone, and wait forever for the others.

#include <string>

#include "core/comm.hpp"

namespace hypercast {

class LastWords {
 public:
  LastWords(std::string program, const Comm& world);  // at most one object at a time
  ~LastWords();
  LastWords(const LastWords&) = delete;
  LastWords& operator=(const LastWords&) = delete;

  // Prints and aborts; `code` and `text` of the exception in flight.
  [[noreturn]] void speak(Exit code, const char* text) const;

 private:
  std::string program_;
  const Comm& world_;
};

}  // namespace hypercast
