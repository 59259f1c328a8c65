#include "deck/last_words.hpp"

#include <cstdio>
#include <exception>
#include <new>

namespace hypercast {

namespace {

// std::terminate hands nothing over, so who speaks is the one piece of process-wide state here.
const LastWords* speaker = nullptr;
std::terminate_handler previous = nullptr;

[[noreturn]] void terminate() {
  try {
    if (const auto error = std::current_exception()) std::rethrow_exception(error);
  } catch (const Error& error) {
    speaker->speak(error.code(), error.what());
  } catch (const UserError& error) {
    speaker->speak(error.code(), error.what());
  } catch (const std::bad_alloc&) {
    speaker->speak(Exit::memory, "out of memory");
  } catch (const std::exception& error) {
    speaker->speak(Exit::internal, error.what());
  } catch (...) {
    speaker->speak(Exit::internal, "an exception of unknown type");
  }
  speaker->speak(Exit::internal, "terminated without an exception");
}

}  // namespace

LastWords::LastWords(std::string program, const Comm& world) : program_(std::move(program)), world_(world) {
  check(speaker == nullptr, "two programs run in one process");
  speaker = this;
  previous = std::set_terminate(terminate);
}

LastWords::~LastWords() {
  std::set_terminate(previous);
  speaker = nullptr;
}

void LastWords::speak(Exit code, const char* text) const {
  std::fprintf(stderr, "%s: rank %d: %s\n", program_.c_str(), world_.rank(), text);
  std::fflush(nullptr);
  world_.abort(code);
}

}  // namespace hypercast
