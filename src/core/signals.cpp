#include "core/signals.hpp"

#include <array>
#include <atomic>
#include <csignal>
#include <ctime>
#include <limits>
#include <system_error>

namespace hypercast {

namespace {

enum Bit : unsigned { checkpoint_bit = 1, stop_bit = 2, again_bit = 4 };

constexpr std::array caught{SIGUSR1, SIGUSR2, SIGTERM, SIGINT, SIGHUP};

using Nanoseconds = std::int64_t;
constexpr Nanoseconds second = 1'000'000'000;
constexpr Nanoseconds patience = 2 * second;  // from a first TERM until another one is no echo of it
constexpr Nanoseconds echo = 1 * second;      // after a checkpoint, in which USR2 means that checkpoint

std::atomic<unsigned> received{0};
std::atomic<Nanoseconds> terminated{0};  // when the first TERM, INT or HUP came; 0: none has
std::atomic<Nanoseconds> wished{0};      // when the last USR2 came
static_assert(std::atomic<unsigned>::is_always_lock_free && std::atomic<Nanoseconds>::is_always_lock_free);

struct Previous {
  std::array<struct sigaction, caught.size()> actions;
};
Previous previous;

void forget() {
  received = 0;
  terminated = 0;
}

// Safe in a handler, as a clock of the C++ library need not be.
Nanoseconds now() {
  timespec time = {};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * second + time.tv_nsec;
}

extern "C" void receive(int signal) {
  unsigned bits = checkpoint_bit;
  if (signal == SIGUSR2)
    wished = now();
  else
    bits |= stop_bit;
  if (signal == SIGTERM || signal == SIGINT || signal == SIGHUP) {
    Nanoseconds first = 0;
    const Nanoseconds here = now();
    if (!terminated.compare_exchange_strong(first, here) && here - first >= patience) bits |= again_bit;
  }
  received.fetch_or(bits);
}

struct sigaction catching() {
  struct sigaction action = {};
  action.sa_handler = receive;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  return action;
}

}  // namespace

void hold_wishes() {
  const struct sigaction action = catching();
  for (const int signal : {SIGUSR1, SIGUSR2}) sigaction(signal, &action, nullptr);
}

Signals::Signals(std::filesystem::path run_folder, double started, double max_walltime)
    : stop_file_(std::move(run_folder) / "STOP"),
      deadline_(max_walltime > 0 ? started + max_walltime : std::numeric_limits<double>::infinity()) {
  const struct sigaction action = catching();
  for (std::size_t i = 0; i < caught.size(); ++i) sigaction(caught[i], &action, &previous.actions[i]);
}

Signals::~Signals() {
  for (std::size_t i = 0; i < caught.size(); ++i) sigaction(caught[i], &previous.actions[i], nullptr);
  forget();
}

Wish Signals::poll(const Comm& comm) {
  // A checkpoint wish is consumed, a stop stays.
  unsigned bits = received.fetch_and(~static_cast<unsigned>(checkpoint_bit));
  // One USR2 to a whole job reaches its ranks at different steps: what comes late was answered already. Each
  // rank judges by its own clock when its signal came, however long the checkpoint took to write.
  if (!(bits & stop_bit) && wished < answered_until_) bits &= ~static_cast<unsigned>(checkpoint_bit);
  if (comm.is_root()) {
    const double time = MPI_Wtime();
    if (time > deadline_) bits |= checkpoint_bit | stop_bit;
    if (time - last_look_ > 1) {  // a look at the file system once a second
      last_look_ = time;
      std::error_code ignored;
      if (std::filesystem::exists(stop_file_, ignored)) bits |= checkpoint_bit | stop_bit;
    }
  }
  unsigned all = 0;
  mpi_call(MPI_Allreduce(&bits, &all, 1, MPI_UNSIGNED, MPI_BOR, comm));
  if (all & checkpoint_bit) answered_until_ = now() + echo;
  return {(all & checkpoint_bit) != 0, (all & stop_bit) != 0, (all & again_bit) != 0};
}

}  // namespace hypercast
