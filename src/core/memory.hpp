#pragma once
// How much memory there is, and how much was taken.

namespace hypercast {

// Main memory of this machine, in bytes; infinite when it does not tell.
double physical_memory();

// The most that this process has had in memory at a time so far, in bytes.
double peak_memory();

// From now on blocks of 4 MiB and more go back to the system as soon as they are freed. Of itself glibc's
// allocator keeps ever larger ones, and what programs free and take again in other sizes adds up.
void return_large_blocks();

}  // namespace hypercast
