#pragma once
// How much memory there is, how much was taken, and how it is paged.

#include <cstddef>

namespace hypercast {

// Main memory of this machine, in bytes; infinite when it does not tell.
double physical_memory();

// The most that this process has had in memory at a time so far, in bytes.
double peak_memory();

// From now on blocks of 4 MiB and more go back to the system as soon as they are freed. Of itself glibc's
// allocator keeps ever larger ones, and what programs free and take again in other sizes adds up.
void return_large_blocks();

inline constexpr std::size_t huge_page = std::size_t{2} << 20;  // bytes, as x86-64 and most others have them

// Asks for huge pages where [start, start + bytes) holds whole ones, since a pass over a matrix of many
// megabytes would else wait for the translation of addresses. The system may refuse; nothing depends on it.
void prefer_huge_pages(void* start, std::size_t bytes);

}  // namespace hypercast
