// The child's side.

#include "io/child.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <new>
#include <stdexcept>

#include "core/error.hpp"
#include "io/child_pipe.hpp"

namespace hypercast::io {

namespace {

void put(const void* bytes, std::size_t size) {
  const char* at = static_cast<const char*>(bytes);
  while (size > 0) {
    const ssize_t done = ::write(child_pipe, at, size);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) throw Error("the parent of a child process is gone", Exit::io);
    at += done;
    size -= done;
  }
}

void send(ChildMessage kind, Exit code, std::string_view bytes) {
  const ChildHeader header{kind, static_cast<int>(code), bytes.size()};
  put(&header, sizeof header);
  put(bytes.data(), bytes.size());
}

void limit(int resource, rlim_t value) {
  rlimit limits{};
  getrlimit(resource, &limits);
  limits.rlim_cur = std::min(value, limits.rlim_max);
  setrlimit(resource, &limits);
}

// `seconds` of computing from now on; SIGXCPU ends the process when they are over.
void allow_cpu(int seconds) {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  limit(RLIMIT_CPU, used.ru_utime.tv_sec + used.ru_stime.tv_sec + 1 + seconds);
}

void allow_memory(int mebibytes) {
  rlim_t pages = 0;  // of address space in use
  std::ifstream("/proc/self/statm") >> pages;
  limit(RLIMIT_AS, pages * sysconf(_SC_PAGESIZE) + (rlim_t(mebibytes) << 20));
}

void live_within(const ChildLimits& limits, long parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) std::_Exit(0);  // it died before that
  close_range(child_pipe + 1, ~0u, 0);
  allow_memory(limits.memory);
  limit(RLIMIT_CORE, 0);
  prctl(PR_SET_DUMPABLE, 0);  // where cores go to a program, the limit does not count
  allow_cpu(limits.cpu);
}

// What went wrong, as the last message.
void answer(const ChildJob& job, const std::filesystem::path& file, std::span<const std::string> arguments,
            const ChildLimits& limits) {
  const auto too_large = [&] {
    send(ChildMessage::user_error, Exit::data,
         file.string() + ": damaged, or too large: reading it takes more than " +
             std::to_string(limits.memory) + " MiB of memory");
  };
  try {
    job.work(file, arguments, ChildAnswer(limits));
    send(ChildMessage::end, Exit::ok, "");
  } catch (const UserError& error) {
    send(ChildMessage::user_error, error.code(), error.what());
  } catch (const Error& error) {
    send(ChildMessage::error, error.code(), error.what());
  } catch (const std::bad_alloc&) {
    too_large();
  } catch (const std::length_error&) {
    too_large();
  } catch (const std::exception& error) {
    send(ChildMessage::error, Exit::internal, error.what());
  }
}

}  // namespace

ChildAnswer::ChildAnswer(ChildLimits limits) : limits_(limits) {}

void ChildAnswer::write(std::string_view bytes) const {
  send(ChildMessage::bytes, Exit::ok, bytes);
  allow_cpu(limits_.cpu);
}

void ChildAnswer::write(std::span<const float> values) const {
  write(std::string_view(reinterpret_cast<const char*>(values.data()), values.size_bytes()));
}

std::optional<int> serve_child(int argc, char** argv, std::span<const ChildJob> jobs) {
  // NAME --child JOB PARENT CPU MEMORY FILE [ARGUMENT]...
  if (argc < 7 || std::strcmp(argv[1], child_flag) != 0) return {};
  const ChildLimits limits{.cpu = std::atoi(argv[4]), .memory = std::atoi(argv[5])};
  const auto job =
      std::find_if(jobs.begin(), jobs.end(), [&](const auto& one) { return one.name == argv[2]; });
  if (job == jobs.end()) return static_cast<int>(Exit::usage);
  live_within(limits, std::atol(argv[3]));
  try {
    answer(*job, argv[6], std::vector<std::string>(argv + 7, argv + argc), limits);
  } catch (const Error&) {  // nobody listens
    return static_cast<int>(Exit::io);
  }
  std::_Exit(0);  // destructors of a library that met a damaged file are not to be trusted
}

}  // namespace hypercast::io
