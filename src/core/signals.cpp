#include "core/signals.hpp"

#include <array>
#include <atomic>
#include <csignal>
#include <limits>
#include <system_error>

namespace hypercast {

namespace {

enum Bit : unsigned { checkpoint_bit = 1, stop_bit = 2, again_bit = 4 };

constexpr std::array caught{SIGUSR1, SIGUSR2, SIGTERM, SIGINT, SIGHUP};

std::atomic<unsigned> received{0};
static_assert(std::atomic<unsigned>::is_always_lock_free);

struct Previous {
  std::array<struct sigaction, caught.size()> actions;
};
Previous previous;

extern "C" void receive(int signal) {
  unsigned bits = checkpoint_bit;
  if (signal != SIGUSR2) bits |= stop_bit;
  if (signal == SIGTERM || signal == SIGINT || signal == SIGHUP) {
    // The second one of these means business.
    if (received.load() & stop_bit) bits |= again_bit;
  }
  received.fetch_or(bits);
}

}  // namespace

Signals::Signals(std::filesystem::path run_folder, double started, double max_walltime)
    : stop_file_(std::move(run_folder) / "STOP"),
      deadline_(max_walltime > 0 ? started + max_walltime : std::numeric_limits<double>::infinity()) {
  received = 0;
  struct sigaction action = {};
  action.sa_handler = receive;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (std::size_t i = 0; i < caught.size(); ++i) sigaction(caught[i], &action, &previous.actions[i]);
}

Signals::~Signals() {
  for (std::size_t i = 0; i < caught.size(); ++i) sigaction(caught[i], &previous.actions[i], nullptr);
}

Wish Signals::poll(const Comm& comm) {
  // A checkpoint wish is consumed; a stop stays, so that a second signal can be told from a first.
  unsigned bits = received.fetch_and(~static_cast<unsigned>(checkpoint_bit));
  const double now = MPI_Wtime();
  if (comm.is_root()) {
    if (now > deadline_) bits |= checkpoint_bit | stop_bit;
    if (now - last_look_ > 1) {  // a look at the file system once a second
      last_look_ = now;
      std::error_code ignored;
      if (std::filesystem::exists(stop_file_, ignored)) bits |= checkpoint_bit | stop_bit;
    }
  }
  unsigned all = 0;
  mpi_call(MPI_Allreduce(&bits, &all, 1, MPI_UNSIGNED, MPI_BOR, comm));
  return {(all & checkpoint_bit) != 0, (all & stop_bit) != 0, (all & again_bit) != 0};
}

}  // namespace hypercast
