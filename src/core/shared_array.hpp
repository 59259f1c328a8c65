#pragma once
// One array per node, seen by all ranks of the node (an MPI shared-memory window). Like a Buffer it goes on
// for 64 bytes behind its end.

#include <span>

#include "core/comm.hpp"

namespace hypercast {

template <class T>
class SharedArray {
 public:
  // COLLECTIVE over `node`, whose ranks must share memory (Comm::node()). Filled with zeros.
  SharedArray(const Comm& node, std::size_t size);
  ~SharedArray();  // COLLECTIVE
  SharedArray(const SharedArray&) = delete;
  SharedArray& operator=(const SharedArray&) = delete;

  std::span<T> values() { return values_; }
  std::span<const T> values() const { return values_; }
  // COLLECTIVE. Writes of every rank made before are seen by every rank after.
  void sync();

 private:
  Comm node_;
  MPI_Win window_ = MPI_WIN_NULL;
  std::span<T> values_;
};

}  // namespace hypercast
