#pragma once
// Hands out 0, 1, 2, ... to ranks of a communicator, each number once, to whoever asks first: how groups of
// ranks take work that takes them unequally long.
//
// The counter lives on rank 0 (one-sided MPI). Ranks that do not share memory with rank 0 may have to wait
// until it calls MPI for something.

#include "core/comm.hpp"

namespace hypercast {

class TicketCounter {
 public:
  explicit TicketCounter(const Comm& comm);  // COLLECTIVE
  ~TicketCounter();                          // COLLECTIVE
  TicketCounter(const TicketCounter&) = delete;
  TicketCounter& operator=(const TicketCounter&) = delete;

  std::int64_t next();  // not collective

 private:
  Comm comm_;
  MPI_Win window_ = MPI_WIN_NULL;
};

}  // namespace hypercast
