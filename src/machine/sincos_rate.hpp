#pragma once
// Sines and cosines: what a SIREN costs beside its products.

namespace hypercast::machine {

// Pairs sin x, cos x a second of this rank in about `seconds`, by the activation that training uses, with the
// instruction set in use (nn/kernels/kernels.hpp), in float and within the first cache. Not collective.
double sincos_rate(double seconds);

}  // namespace hypercast::machine
