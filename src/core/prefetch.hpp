#pragma once
// Memory on its way into the second cache while something else is computed. Streams with many rows at a time
// are more than the processor finds out by itself.

#include <cstddef>

namespace hypercast {

template <class T>
void prefetch(const T* from, std::size_t count) {
  constexpr std::size_t line = 64 / sizeof(T);
  for (std::size_t i = 0; i < count; i += line) __builtin_prefetch(from + i, 0, 2);
}

}  // namespace hypercast
