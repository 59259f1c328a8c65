#include "core/buffer.hpp"

#include <new>

#include "core/memory.hpp"

namespace hypercast {

namespace {

constexpr std::size_t huge_buffer = std::size_t{4} << 20;

std::align_val_t alignment(std::size_t bytes) {
  return std::align_val_t{bytes < huge_buffer ? buffer_alignment : huge_page};
}

}  // namespace

void* allocate_buffer(std::size_t bytes) {
  void* start = ::operator new(bytes + buffer_alignment, alignment(bytes));
  if (bytes >= huge_buffer) prefer_huge_pages(start, bytes);
  return start;
}

void free_buffer(void* start, std::size_t bytes) { ::operator delete(start, alignment(bytes)); }

}  // namespace hypercast
