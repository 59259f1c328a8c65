#pragma once
// Arrays of numbers. Every buffer of hypercast starts on a 64-byte boundary (a cache line, one AVX-512
// register), so vectorised kernels see the same alignment on every rank and give the same bits. Its memory
// goes on for 64 bytes behind the last number, so that they may read a whole register there.

#include <cstddef>
#include <new>
#include <vector>

namespace hypercast {

template <class T>
struct AlignedAllocator {
  using value_type = T;
  static constexpr std::align_val_t alignment{64};

  AlignedAllocator() = default;
  template <class U>
  AlignedAllocator(const AlignedAllocator<U>&) {}
  T* allocate(std::size_t count) {
    return static_cast<T*>(
        ::operator new(count * sizeof(T) + static_cast<std::size_t>(alignment), alignment));
  }
  void deallocate(T* start, std::size_t) { ::operator delete(start, alignment); }
  template <class U>
  bool operator==(const AlignedAllocator<U>&) const {
    return true;
  }
};

template <class T>
using Buffer = std::vector<T, AlignedAllocator<T>>;

}  // namespace hypercast
