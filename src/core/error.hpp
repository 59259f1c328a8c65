#pragma once
// How hypercast fails. There are two kinds of failure and nothing else is thrown on purpose.
//
// UserError  something outside the code is wrong: the deck, a file, the environment. It is raised from
//            replicated state, hence on ALL ranks alike; rank 0 prints its one line and every rank leaves
//            with the same exit code. Raise it only where every rank would raise it.
// Error      something failed on this rank, perhaps on this one alone: an I/O call, memory, a broken
//            invariant. The frame around main prints rank and place and calls MPI_Abort.
//
// Before a collective that one rank may be unable to reach, agree first: `if (!comm.all(ok)) throw ...`.

#include <stdexcept>
#include <string>

namespace hypercast {

// Exit codes of every hypercast program (the names follow BSD sysexits where it has one).
enum class Exit : int {
  ok = 0,
  usage = 64,          // wrong command line
  data = 65,           // deck or data invalid
  no_input = 66,       // an input is missing
  internal = 70,       // a bug in hypercast
  memory = 71,         // out of memory
  cannot_create = 73,  // an output cannot be created
  io = 74,             // reading or writing failed
  again = 75,          // stopped early, nothing lost: submit again
  diverged = 76,       // NaN, blow-up, or a demanded tolerance was missed
  refused = 77,        // would mix things that do not belong together
  environment = 78,    // the machine or its configuration does not allow it
};

// Where a function was called from; used as a default argument.
struct Where {
  const char* file;
  int line;
  static constexpr Where here(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    return {file, line};
  }
};

class UserError : public std::runtime_error {
 public:
  UserError(Exit code, const std::string& text) : std::runtime_error(text), code_(code) {}
  Exit code() const { return code_; }

 private:
  Exit code_;
};

class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& text, Exit code = Exit::internal, Where where = Where::here());
  Exit code() const { return code_; }
  const std::string& text() const { return text_; }  // without the place in the source

 private:
  std::string text_;
  Exit code_;
};

// Always on: throws Error (Exit::internal) when `condition` is false.
void check(bool condition, const char* text, Where where = Where::here());

}  // namespace hypercast
