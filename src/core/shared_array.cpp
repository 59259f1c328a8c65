#include "core/shared_array.hpp"

#include <algorithm>

#include "core/buffer.hpp"
#include "core/memory.hpp"

namespace hypercast {

template <class T>
SharedArray<T>::SharedArray(const Comm& node, std::size_t size) : node_(static_cast<MPI_Comm>(node)) {
  const MPI_Aint bytes = node.is_root() ? static_cast<MPI_Aint>(size * sizeof(T) + buffer_alignment) : 0;
  void* mine = nullptr;
  mpi_call(MPI_Win_allocate_shared(bytes, sizeof(T), MPI_INFO_NULL, node, &mine, &window_));
  MPI_Aint found = 0;
  int unit = 0;
  void* start = nullptr;
  mpi_call(MPI_Win_shared_query(window_, 0, &found, &unit, &start));
  values_ = std::span(static_cast<T*>(start), size);
  prefer_huge_pages(start, values_.size_bytes());
  mpi_call(MPI_Win_lock_all(MPI_MODE_NOCHECK, window_));
  if (node.is_root()) std::fill(values_.begin(), values_.end(), T{});
  sync();
}

template <class T>
SharedArray<T>::~SharedArray() {
  MPI_Win_unlock_all(window_);
  MPI_Win_free(&window_);
}

template <class T>
void SharedArray<T>::sync() {
  mpi_call(MPI_Win_sync(window_));
  node_.barrier();
  mpi_call(MPI_Win_sync(window_));
}

template class SharedArray<float>;
template class SharedArray<double>;

}  // namespace hypercast
