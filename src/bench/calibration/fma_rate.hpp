#pragma once
// The most arithmetic that a core can do.

namespace hypercast::bench {

// Floating-point operations a second of this rank in about `seconds` of fused multiply-adds on registers, two
// operations each: twelve independent chains, which hides a latency of four cycles on each of two units. Not
// collective.
template <class Real>
double fma_rate(double seconds);

}  // namespace hypercast::bench
