#include "io/on_root.hpp"

#include <new>

namespace hypercast::io {

namespace {

// What happened, as text that travels: empty, or 'u' | 'e', exit code, space, one line.
std::string verdict_of(const std::function<void()>& work) {
  const auto text = [](char kind, Exit code, const char* what) {
    return kind + std::to_string(static_cast<int>(code)) + " " + what;
  };
  try {
    work();
    return {};
  } catch (const UserError& error) {
    return text('u', error.code(), error.what());
  } catch (const Error& error) {
    if (error.code() == Exit::io) return text('u', error.code(), error.text().c_str());
    return text('e', error.code(), error.what());
  } catch (const std::bad_alloc&) {
    return text('e', Exit::memory, "out of memory");
  } catch (const std::exception& error) {
    return text('e', Exit::internal, error.what());
  }
}

void raise(const std::string& verdict) {
  if (verdict.empty()) return;
  const auto space = verdict.find(' ');
  const auto code = static_cast<Exit>(std::stoi(verdict.substr(1, space - 1)));
  const std::string text = verdict.substr(space + 1);
  if (verdict[0] == 'u') throw UserError(code, text);
  throw Error(text, code);
}

}  // namespace

void on_root(const Comm& comm, const std::function<void()>& work) {
  raise(comm.broadcast(comm.is_root() ? verdict_of(work) : std::string()));
}

void on_all(const Comm& comm, const std::function<void()>& work) {
  const std::string mine = verdict_of(work);
  const int first = comm.min(mine.empty() ? comm.size() : comm.rank());
  if (first < comm.size()) raise(comm.broadcast(mine, first));
}

}  // namespace hypercast::io
