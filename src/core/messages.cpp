#include "core/messages.hpp"

namespace hypercast {

template <class T>
void send(const Comm& comm, std::span<const T> values, int to) {
  mpi_call(MPI_Send(values.data(), static_cast<int>(values.size()), mpi_type<T>(), to, 0, comm));
}

template <class T>
void receive(const Comm& comm, std::span<T> values, int from) {
  mpi_call(MPI_Recv(values.data(), static_cast<int>(values.size()), mpi_type<T>(), from, 0, comm,
                    MPI_STATUS_IGNORE));
}

template void send(const Comm&, std::span<const char>, int);
template void send(const Comm&, std::span<const float>, int);
template void receive(const Comm&, std::span<char>, int);
template void receive(const Comm&, std::span<float>, int);

}  // namespace hypercast
