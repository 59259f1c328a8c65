#pragma once
// One pass over parameters, moments and gradient; every number is read and written once.

#include "nn/kernels/kernels.hpp"
#include "nn/kernels/lanes.hpp"
#include "nn/kernels/product.hpp"

namespace hypercast::nn::HC_ISA {

template <class Real>
HC_INLINE void adam_step(const AdamFactors<Real>& f, Vector<Real> gradient, Vector<Real>& w,
                         Vector<Real>& mean, Vector<Real>& square) {
  const Vector<Real> g = f.factor * gradient;
  mean = f.beta1 * mean + f.rest1 * g;
  square = f.beta2 * square + f.rest2 * g * g;
  w -= f.stride * mean / (root_of(square) * f.root + f.epsilon) + f.decay * w;
}

// For the first `count` numbers of a vector, or all.
template <class Real>
HC_INLINE void adam_at(const AdamFactors<Real>& f, Vector<Real> gradient, Real* w, Real* mean, Real* square,
                       size_t count) {
  const bool whole = count >= lanes<Real>;
  Vector<Real> x = whole ? load(w) : load_first(w, count);
  Vector<Real> m = whole ? load(mean) : load_first(mean, count);
  Vector<Real> v = whole ? load(square) : load_first(square, count);
  adam_step(f, gradient, x, m, v);
  if (whole) {
    store(w, x);
    store(mean, m);
    store(square, v);
  } else {
    store_first(w, x, count);
    store_first(mean, m, count);
    store_first(square, v, count);
  }
}

template <class Real>
void adam(size_t count, const AdamFactors<Real>& factors, const Real* gradient, Real* w, Real* mean,
          Real* square) {
  const AdamFactors<Real> f = factors;  // which no store can change
  size_t i = 0;
  for (; i + lanes<Real> <= count; i += lanes<Real>)
    adam_at(f, load(gradient + i), w + i, mean + i, square + i, lanes<Real>);
  if (i < count) adam_at(f, load_first(gradient + i, count - i), w + i, mean + i, square + i, count - i);
}

// What becomes of a tile of a gradient.
template <class Real>
struct Descend {
  AdamFactors<Real> factors;
  Real *w, *mean, *square;
  size_t stride, rows, ahead;
  template <int M, int N>
  HC_INLINE void take(Vector<Real> (&sum)[M][N], size_t row, size_t column, size_t tail) const {
    HC_UNROLL
    for (int i = 0; i < M; ++i) {
      HC_UNROLL
      for (int j = 0; j < N; ++j) {
        const size_t at = (row + i) * stride + column + j * lanes<Real>;
        fetch_line(w + at + ahead * stride);
        fetch_line(mean + at + rows * stride);
        fetch_line(square + at + rows * stride);
        adam_at(factors, sum[i][j], w + at, mean + at, square + at,
                j == N - 1 && tail != 0 ? tail : lanes<Real>);
      }
    }
  }
};

template <class Real>
void adam_of_product(size_t rows, size_t depth, size_t columns, ConstRows<Real> a, ConstRows<Real> b,
                     const AdamFactors<Real>& factors, Real* w, Real* mean, Real* square, size_t ahead) {
  sweep<true>(rows, depth, columns, a, b, ConstRows<Real>{nullptr, 0},
              Descend<Real>{factors, w, mean, square, columns, rows, ahead});
}

}  // namespace hypercast::nn::HC_ISA
