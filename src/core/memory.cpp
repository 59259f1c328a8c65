#include "core/memory.hpp"

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <limits>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace hypercast {

double physical_memory() {
  const long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
  if (pages <= 0 || size <= 0) return std::numeric_limits<double>::infinity();
  return static_cast<double>(pages) * static_cast<double>(size);
}

double peak_memory() {
  rusage usage{};
  return getrusage(RUSAGE_SELF, &usage) == 0 ? 1024.0 * static_cast<double>(usage.ru_maxrss) : 0;
}

void return_large_blocks() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 4 << 20);
  mallopt(M_TRIM_THRESHOLD, 32 << 20);  // which else would fall back to 128 KiB, and the heap shrink and grow
#endif
}

void prefer_huge_pages(void* start, std::size_t bytes) {
#ifdef MADV_HUGEPAGE
  const auto address = reinterpret_cast<std::uintptr_t>(start);
  const std::uintptr_t begin = (address + huge_page - 1) / huge_page * huge_page,
                       end = (address + bytes) / huge_page * huge_page;
  if (begin < end) madvise(static_cast<char*>(start) + (begin - address), end - begin, MADV_HUGEPAGE);
#endif
}

}  // namespace hypercast
