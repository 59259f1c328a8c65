#include "core/comm.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <thread>

namespace hypercast {

double wall_seconds() { return MPI_Wtime(); }

void mpi_call(int code, Where where) {
  if (code == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING];
  int length = 0;
  MPI_Error_string(code, text, &length);
  throw Error("MPI: " + std::string(text, length), Exit::internal, where);
}

Comm::Comm(Handle<Traits> owned) : comm_(std::move(owned)) {
  MPI_Comm_set_errhandler(comm_, MPI_ERRORS_RETURN);
  mpi_call(MPI_Comm_rank(comm_, &rank_));
  mpi_call(MPI_Comm_size(comm_, &size_));
}

namespace {

MPI_Comm duplicate(MPI_Comm parent) {
  MPI_Comm copy = MPI_COMM_NULL;
  mpi_call(MPI_Comm_dup(parent, &copy));
  return copy;
}

}  // namespace

Comm::Comm(MPI_Comm parent) : Comm(Handle<Traits>(duplicate(parent))) {}

Comm Comm::self() { return Comm(MPI_COMM_SELF); }

Comm Comm::split(int color, int key) const {
  MPI_Comm part = MPI_COMM_NULL;
  mpi_call(MPI_Comm_split(comm_, color, key, &part));
  return Comm(Handle<Traits>(part));
}

Comm Comm::node(int most) const {
  MPI_Comm part = MPI_COMM_NULL;
  mpi_call(MPI_Comm_split_type(comm_, MPI_COMM_TYPE_SHARED, rank_, MPI_INFO_NULL, &part));
  Comm whole{Handle<Traits>(part)};
  return most > 0 ? whole.split(whole.rank() / most, whole.rank()) : std::move(whole);
}

void Comm::barrier() const { mpi_call(MPI_Barrier(comm_)); }

bool Comm::barrier_within(double seconds) const {
  MPI_Request request = MPI_REQUEST_NULL;
  mpi_call(MPI_Ibarrier(comm_, &request));
  const double deadline = wall_seconds() + seconds;
  int done = 0;
  while (true) {
    mpi_call(MPI_Test(&request, &done, MPI_STATUS_IGNORE));
    if (done || wall_seconds() > deadline) return done != 0;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

void Comm::abort(Exit code) const {
  MPI_Abort(comm_, static_cast<int>(code));
  std::_Exit(static_cast<int>(code));
}

bool Comm::all(bool mine) const { return reduce<int>(mine, MPI_MIN) != 0; }
bool Comm::any(bool mine) const { return reduce<int>(mine, MPI_MAX) != 0; }

template <class T>
T Comm::reduce(T mine, MPI_Op op) const {
  T result{};
  mpi_call(MPI_Allreduce(&mine, &result, 1, mpi_type<T>(), op, comm_));
  return result;
}

template <class T>
T Comm::max(T mine) const {
  return reduce(mine, MPI_MAX);
}
template <class T>
T Comm::min(T mine) const {
  return reduce(mine, MPI_MIN);
}
template <class T>
T Comm::sum(T mine) const {
  return reduce(mine, MPI_SUM);
}

template <class T>
void Comm::sum(std::span<T> values) const {
  mpi_call(MPI_Allreduce(MPI_IN_PLACE, values.data(), static_cast<int>(values.size()), mpi_type<T>(), MPI_SUM,
                         comm_));
}

template <class T>
void Comm::broadcast(std::span<T> values, int root) const {
  constexpr std::size_t most = 1u << 30;  // MPI counts are int
  for (std::size_t at = 0; at < values.size(); at += most) {
    const auto count = static_cast<int>(std::min(most, values.size() - at));
    mpi_call(MPI_Bcast(values.data() + at, count, mpi_type<T>(), root, comm_));
  }
}

std::string Comm::broadcast(const std::string& text, int root) const {
  std::uint64_t length = text.size();
  broadcast(std::span(&length, 1), root);
  std::string result = rank_ == root ? text : std::string(length, '\0');
  broadcast(std::span(result.data(), result.size()), root);
  return result;
}

int to_count(std::size_t count) {
  if (count > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    throw Error("more values than one message of MPI can hold");
  return static_cast<int>(count);
}

namespace {

// Where messages of these lengths start that stand one behind the other.
std::vector<int> starts_of(std::span<const int> counts) {
  std::vector<int> starts;
  std::size_t at = 0;
  for (const int count : counts) {
    starts.push_back(to_count(at));
    at += static_cast<std::size_t>(count);
  }
  return starts;
}

}  // namespace

template <class T>
void Comm::all_gather(std::span<const T> mine, std::span<T> all, std::span<const int> counts) const {
  const auto starts = starts_of(counts);
  mpi_call(MPI_Allgatherv(mine.data(), to_count(mine.size()), mpi_type<T>(), all.data(), counts.data(),
                          starts.data(), mpi_type<T>(), comm_));
}

template <class T>
void Comm::all_to_all(std::span<const T> sent, std::span<const int> sent_counts, std::span<T> received,
                      std::span<const int> received_counts) const {
  const auto to = starts_of(sent_counts), from = starts_of(received_counts);
  mpi_call(MPI_Alltoallv(sent.data(), sent_counts.data(), to.data(), mpi_type<T>(), received.data(),
                         received_counts.data(), from.data(), mpi_type<T>(), comm_));
}

template <class T>
std::vector<T> Comm::all_gather(std::span<const T> mine) const {
  const int count = to_count(mine.size());
  std::vector<int> counts(size_);
  mpi_call(MPI_Allgather(&count, 1, MPI_INT, counts.data(), 1, MPI_INT, comm_));
  const auto total = std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
  std::vector<T> all(static_cast<std::size_t>(to_count(static_cast<std::size_t>(total))));
  all_gather(mine, std::span<T>(all), counts);
  return all;
}

#define HYPERCAST_COMM(T)                                                                       \
  template T Comm::max(T) const;                                                                \
  template T Comm::min(T) const;                                                                \
  template T Comm::sum(T) const;                                                                \
  template void Comm::sum(std::span<T>) const;                                                  \
  template void Comm::broadcast(std::span<T>, int) const;                                       \
  template std::vector<T> Comm::all_gather(std::span<const T>) const;                           \
  template void Comm::all_gather(std::span<const T>, std::span<T>, std::span<const int>) const; \
  template void Comm::all_to_all(std::span<const T>, std::span<const int>, std::span<T>,        \
                                 std::span<const int>) const;
HYPERCAST_COMM(double)
HYPERCAST_COMM(float)
HYPERCAST_COMM(int)
HYPERCAST_COMM(std::int64_t)
HYPERCAST_COMM(std::uint64_t)
HYPERCAST_COMM(char)
#undef HYPERCAST_COMM

Session::Session(int& argc, char**& argv) {
  int level = 0;
  mpi_call(MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &level));
}

Session::~Session() { MPI_Finalize(); }

Range share_of(std::int64_t total, int part, int parts) {
  return {total * part / parts, total * (part + 1) / parts};
}

}  // namespace hypercast
