#pragma once
// The most arithmetic that a core can do.

namespace hypercast::machine {

// Floating-point operations a second of this rank in about `seconds` of fused multiply-adds on registers, two
// operations each, with the instruction set in use (nn/kernels/kernels.hpp). Not collective.
template <class Real>
double fma_rate(double seconds);

}  // namespace hypercast::machine
