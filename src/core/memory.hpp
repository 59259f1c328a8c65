#pragma once
// How much memory there is, and how much was taken.

namespace hypercast {

// Main memory of this machine, in bytes; infinite when it does not tell.
double physical_memory();

// The most that this process has had in memory at a time so far, in bytes.
double peak_memory();

}  // namespace hypercast
