#pragma once
// How much there is to allocate from.

namespace hypercast {

// Main memory of this machine, in bytes; infinite when it does not tell.
double physical_memory();

}  // namespace hypercast
