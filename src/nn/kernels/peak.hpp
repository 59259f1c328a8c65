#pragma once
// The ceiling: fused multiply-adds on registers alone, as many at a time as the processor can have under way.

#include "nn/kernels/lanes.hpp"

namespace hypercast::nn::HC_ISA {

constexpr int chains = 12;  // enough for two pipes of a latency of four or five; one register is left for v2

template <class Real>
Real fma_rounds(size_t rounds, Real factor, Real term) {
  const Vector<Real> a = splat(factor), b = splat(term);
  Vector<Real> x[chains];
  for (int i = 0; i < chains; ++i) x[i] = splat(Real(i));
  for (size_t n = 0; n < rounds; ++n) {
    HC_UNROLL
    for (int i = 0; i < chains; ++i) x[i] = fma(x[i], a, b);
  }
  for (int i = 1; i < chains; ++i) x[0] += x[i];
  return x[0][0];
}

template <class Real>
constexpr size_t flops_of_round = 2 * chains* lanes<Real>;

}  // namespace hypercast::nn::HC_ISA
