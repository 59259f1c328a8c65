#pragma once
// Ranks and how they talk. `Comm` duplicates what it is given, so messages of different owners never meet.
// Every call below except rank(), size() and the conversion is COLLECTIVE over the communicator.

#include <mpi.h>

#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "core/error.hpp"
#include "core/handle.hpp"

namespace hypercast {

// Seconds since some fixed moment in the past.
double wall_seconds();

// Throws Error when an MPI call did not return MPI_SUCCESS.
void mpi_call(int code, Where where = Where::here());

template <class T>
MPI_Datatype mpi_type() {
  if constexpr (std::is_same_v<T, double>) return MPI_DOUBLE;
  if constexpr (std::is_same_v<T, float>) return MPI_FLOAT;
  if constexpr (std::is_same_v<T, int>) return MPI_INT;
  if constexpr (std::is_same_v<T, std::int64_t>) return MPI_INT64_T;
  if constexpr (std::is_same_v<T, std::uint64_t>) return MPI_UINT64_T;
  if constexpr (std::is_same_v<T, char>) return MPI_CHAR;
}

// A count for MPI. Error when it does not fit in an int, as its counts and displacements are.
int to_count(std::size_t count);

class Comm {
 public:
  explicit Comm(MPI_Comm parent);  // a duplicate of `parent`
  static Comm self();              // this rank alone

  int rank() const { return rank_; }
  int size() const { return size_; }
  bool is_root() const { return rank_ == 0; }
  operator MPI_Comm() const { return comm_; }

  Comm split(int color, int key) const;  // ranks of one color, ordered by key
  // Ranks that share memory with this one; with `most` > 0 at most so many, as if nodes were that small.
  Comm node(int most = 0) const;
  void barrier() const;
  // A barrier that gives up: false when some rank did not come in time. Then only abort() is left.
  bool barrier_within(double seconds) const;
  // Ends the whole program with this exit code, on behalf of all ranks. Not collective.
  [[noreturn]] void abort(Exit code) const;

  bool all(bool mine) const;  // true on every rank iff true on every rank
  bool any(bool mine) const;
  template <class T>
  T max(T mine) const;
  template <class T>
  T min(T mine) const;
  template <class T>
  T sum(T mine) const;  // bits depend on the rank count for floating types: not for results
  // The same for each of some numbers, in place.
  template <class T>
  void sum(std::span<T> values) const;

  template <class T>
  void broadcast(std::span<T> values, int root = 0) const;
  std::string broadcast(const std::string& text, int root = 0) const;

  // Concatenates every rank's contribution in rank order. The contributions may differ in length.
  template <class T>
  std::vector<T> all_gather(std::span<const T> mine) const;
  // The same into a given buffer; counts[r] = entries of rank r.
  template <class T>
  void all_gather(std::span<const T> mine, std::span<T> all, std::span<const int> counts) const;
  // Everybody's message for everybody: `sent` holds them for ranks 0, 1, ... one behind the other,
  // `received` those of ranks 0, 1, ... likewise; counts of both by rank.
  template <class T>
  void all_to_all(std::span<const T> sent, std::span<const int> sent_counts, std::span<T> received,
                  std::span<const int> received_counts) const;

 private:
  struct Traits {
    using type = MPI_Comm;
    static MPI_Comm none() { return MPI_COMM_NULL; }
    static void release(MPI_Comm& comm) noexcept { MPI_Comm_free(&comm); }
  };
  explicit Comm(Handle<Traits> owned);
  template <class T>
  T reduce(T mine, MPI_Op op) const;

  Handle<Traits> comm_;
  int rank_ = 0;
  int size_ = 1;
};

// Owns MPI from construction to destruction; one object, in main. world() is the only door to
// MPI_COMM_WORLD.
class Session {
 public:
  Session(int& argc, char**& argv);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  Comm world() const { return Comm(MPI_COMM_WORLD); }
};

// The half-open range of `total` things that `part` of `parts` owns: contiguous, sizes differ by at most one.
struct Range {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::int64_t size() const { return end - begin; }
};
Range share_of(std::int64_t total, int part, int parts);

}  // namespace hypercast
