#include "core/ticket_counter.hpp"

namespace hypercast {

TicketCounter::TicketCounter(const Comm& comm) : comm_(static_cast<MPI_Comm>(comm)) {
  const MPI_Aint bytes = comm.is_root() ? sizeof(std::int64_t) : 0;
  void* memory = nullptr;
  mpi_call(MPI_Win_allocate(bytes, sizeof(std::int64_t), MPI_INFO_NULL, comm_, &memory, &window_));
  mpi_call(MPI_Win_lock_all(0, window_));
  if (comm.is_root()) {
    *static_cast<std::int64_t*>(memory) = 0;
    mpi_call(MPI_Win_sync(window_));
  }
  comm_.barrier();
}

TicketCounter::~TicketCounter() {
  MPI_Win_unlock_all(window_);
  MPI_Win_free(&window_);
}

std::int64_t TicketCounter::next() {
  const std::int64_t one = 1;
  std::int64_t mine = 0;
  mpi_call(MPI_Fetch_and_op(&one, &mine, MPI_INT64_T, 0, 0, MPI_SUM, window_));
  mpi_call(MPI_Win_flush(0, window_));
  return mine;
}

}  // namespace hypercast
