#pragma once
// Arrays of numbers. Every buffer of hypercast starts on a 64-byte boundary (a cache line, one AVX-512
// register), so vectorised kernels see the same alignment on every rank and give the same bits. Its memory
// goes on for 64 bytes behind the last number, so that they may read a whole register there. Long ones ask
// for huge pages.

#include <cstddef>
#include <vector>

namespace hypercast {

// The memory of a buffer and its return; 4 MiB and more start on a huge page (core/memory.hpp).
void* allocate_buffer(std::size_t bytes);
void free_buffer(void* start, std::size_t bytes);
inline constexpr std::size_t buffer_alignment = 64;  // bytes, and of the slack behind the end

template <class T>
struct AlignedAllocator {
  using value_type = T;

  AlignedAllocator() = default;
  template <class U>
  AlignedAllocator(const AlignedAllocator<U>&) {}
  T* allocate(std::size_t count) { return static_cast<T*>(allocate_buffer(count * sizeof(T))); }
  void deallocate(T* start, std::size_t count) { free_buffer(start, count * sizeof(T)); }
  template <class U>
  bool operator==(const AlignedAllocator<U>&) const {
    return true;
  }
};

template <class T>
using Buffer = std::vector<T, AlignedAllocator<T>>;

}  // namespace hypercast
