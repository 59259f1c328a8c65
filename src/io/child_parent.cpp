// The parent's side.

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "core/error.hpp"
#include "core/handle.hpp"
#include "io/child.hpp"
#include "io/child_pipe.hpp"

extern char** environ;

namespace hypercast::io {

namespace {

struct DescriptorTraits {
  using type = int;
  static int none() { return -1; }
  static void release(int& descriptor) noexcept { ::close(descriptor); }
};
using End = Handle<DescriptorTraits>;  // of a pipe

[[noreturn]] void fail(const std::string& what, int reason) {
  throw Error("cannot " + what + ": " + std::strerror(reason), Exit::io);
}

// What posix_spawn is told: the pipe and nothing else is open, signals that stop a run are blocked (from the
// first instruction on), those that tell of a crash do what they do by themselves.
struct SpawnSettings {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;

  explicit SpawnSettings(int pipe) {
    posix_spawn_file_actions_init(&files);
    for (const int standard : {0, 1, 2})
      posix_spawn_file_actions_addopen(&files, standard, "/dev/null", standard ? O_WRONLY : O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, pipe, child_pipe);
    posix_spawnattr_init(&attributes);
    sigset_t blocked, defaults;
    sigemptyset(&blocked);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE, SIGQUIT, SIGTSTP})
      sigaddset(&blocked, signal);
    sigfillset(&defaults);
    posix_spawnattr_setsigmask(&attributes, &blocked);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
};

class Child {
 public:
  Child(std::string_view job, const std::filesystem::path& file, const std::vector<std::string>& arguments,
        const ChildLimits& limits)
      : file_(file), limits_(limits) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("make a pipe", errno);
    pipe_ = End(ends[0]);
    const End theirs(ends[1]);
    ::fcntl(theirs, F_SETPIPE_SZ, 1 << 20);  // faster; may be refused
    std::vector<std::string> words{"hypercast-child",
                                   child_flag,
                                   std::string(job),
                                   std::to_string(getpid()),
                                   std::to_string(limits.cpu),
                                   std::to_string(limits.memory),
                                   file.string()};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    const SpawnSettings settings(theirs);
    const int failure = ::posix_spawn(&process_, "/proc/self/exe", &settings.files, &settings.attributes,
                                      argv.data(), environ);
    if (failure) fail("start a child process to read " + file.string(), failure);
  }
  ~Child() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    end();
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // How many bytes its next piece has, perhaps none; they are to be got before the next call. Nothing when
  // all is answered. Throws what the child threw.
  std::optional<std::uint64_t> next() {
    ChildHeader header;
    get(&header, sizeof header);
    if (header.kind == ChildMessage::end) return {};
    if (header.kind == ChildMessage::bytes) return header.size;
    if (header.size > (std::size_t{1} << 20)) nonsense();
    std::string text(header.size, '\0');
    get(text.data(), text.size());
    const auto code = static_cast<Exit>(header.code);
    if (header.kind == ChildMessage::user_error) throw UserError(code, text);
    throw Error(text, code);
  }

  void get(void* bytes, std::size_t size) {
    char* at = static_cast<char*>(bytes);
    while (size > 0) {
      pollfd watched{pipe_, POLLIN, 0};
      const int ready = ::poll(&watched, 1, limits_.silence * 1000);
      if (ready == 0)
        throw Error(
            "nothing could be read from " + file_.string() + " for " + std::to_string(limits_.silence) + " s",
            Exit::io);
      const ssize_t done = ready < 0 ? -1 : ::read(pipe_, at, size);
      if (done < 0 && errno == EINTR) continue;
      if (done < 0) fail("read from a pipe", errno);
      if (done == 0) explain(end());
      at += done;
      size -= done;
    }
  }

  // It did not say what was asked for.
  [[noreturn]] void nonsense() const { damaged("reading it went astray"); }

 private:
  [[noreturn]] void damaged(const std::string& what) const {
    throw UserError(Exit::data, file_.string() + ": damaged: " + what);
  }

  // Waits; the status of waitpid.
  int end() {
    int status = 0;
    while (::waitpid(process_, &status, 0) < 0 && errno == EINTR)
      ;
    process_ = -1;
    return status;
  }

  // Why it ended before all was answered.
  [[noreturn]] void explain(int status) const {
    if (!WIFSIGNALED(status))
      throw Error("a child process that was to read " + file_.string() + " ended with exit code " +
                      std::to_string(WEXITSTATUS(status)),
                  Exit::io);
    switch (const int signal = WTERMSIG(status)) {
      case SIGXCPU:
        damaged("reading it comes to no end");
      case SIGSEGV:
      case SIGBUS:
      case SIGABRT:
      case SIGFPE:
      case SIGILL:
        damaged(std::string("reading it crashes HDF5 (") + ::strsignal(signal) + ")");
      default:
        throw Error("the child process that reads " + file_.string() + " was ended by signal " +
                        std::to_string(signal),
                    Exit::io);
    }
  }

  std::filesystem::path file_;
  ChildLimits limits_;
  End pipe_;
  pid_t process_ = -1;
};

}  // namespace

std::string ask_child(std::string_view job, const std::filesystem::path& file,
                      const std::vector<std::string>& arguments, const ChildLimits& limits) {
  const std::size_t most = std::size_t(limits.memory) << 20;
  Child child(job, file, arguments, limits);
  std::string text;
  while (const auto size = child.next()) {
    if (*size > most - text.size()) child.nonsense();
    text.resize(text.size() + *size);
    child.get(text.data() + text.size() - *size, *size);
  }
  return text;
}

void ask_child(std::string_view job, const std::filesystem::path& file,
               const std::vector<std::string>& arguments, std::span<float> answer,
               const ChildLimits& limits) {
  ChildStream stream(job, file, arguments, limits);
  stream.take({reinterpret_cast<char*>(answer.data()), answer.size_bytes()});
  stream.finish();
}

struct ChildStream::State {
  Child child;
  std::uint64_t left = 0;  // bytes of its piece that are not yet taken
};

ChildStream::ChildStream(std::string_view job, const std::filesystem::path& file,
                         const std::vector<std::string>& arguments, const ChildLimits& limits)
    : state_(new State{Child(job, file, arguments, limits)}) {}

ChildStream::~ChildStream() = default;

void ChildStream::take(std::span<char> bytes) {
  while (!bytes.empty()) {
    if (state_->left == 0) {
      const auto size = state_->child.next();
      if (!size) state_->child.nonsense();
      state_->left = *size;
    }
    const auto some = bytes.first(std::min<std::uint64_t>(bytes.size(), state_->left));
    state_->child.get(some.data(), some.size());
    state_->left -= some.size();
    bytes = bytes.subspan(some.size());
  }
}

void ChildStream::finish() {
  while (state_->left == 0) {
    const auto size = state_->child.next();
    if (!size) return;
    state_->left = *size;
  }
  state_->child.nonsense();
}

}  // namespace hypercast::io
