#pragma once
// One pass over parameters, moments and gradient; every number is read and written once.

#include "nn/kernels/kernels.hpp"
#include "nn/kernels/lanes.hpp"

namespace hypercast::nn::HC_ISA {

template <class Real>
HC_INLINE void adam_step(const AdamFactors<Real>& f, Vector<Real> gradient, Vector<Real>& w,
                         Vector<Real>& mean, Vector<Real>& square) {
  const Vector<Real> g = f.factor * gradient;
  mean = f.beta1 * mean + f.rest1 * g;
  square = f.beta2 * square + f.rest2 * g * g;
  w -= f.stride * mean / (root_of(square) * f.root + f.epsilon) + f.decay * w;
}

template <class Real>
void adam(size_t count, const AdamFactors<Real>& factors, const Real* gradient, Real* w, Real* mean,
          Real* square) {
  const AdamFactors<Real> f = factors;  // which no store can change
  size_t i = 0;
  for (; i < count; i += lanes<Real>) {
    const size_t some = count - i < lanes<Real> ? count - i : 0;
    Vector<Real> x = some ? load_first(w + i, some) : load(w + i);
    Vector<Real> m = some ? load_first(mean + i, some) : load(mean + i);
    Vector<Real> v = some ? load_first(square + i, some) : load(square + i);
    adam_step(f, some ? load_first(gradient + i, some) : load(gradient + i), x, m, v);
    if (some) {
      store_first(w + i, x, some);
      store_first(mean + i, m, some);
      store_first(square + i, v, some);
      return;
    }
    store(w + i, x);
    store(mean + i, m);
    store(square + i, v);
  }
}

}  // namespace hypercast::nn::HC_ISA
