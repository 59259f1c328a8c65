#pragma once
// The clock, from how fast integer additions follow each other.

namespace hypercast::machine {

// Cycles a second of this rank's core in about `seconds`, on the understanding that an addition of two
// registers whose result the next one needs takes one cycle. Not collective.
double clock_rate(double seconds);

}  // namespace hypercast::machine
