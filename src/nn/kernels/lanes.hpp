#pragma once
// A vector register and what is done with one, for the instruction set this file is compiled for. Included
// by files of src/nn/kernels only, which are compiled once for each instruction set with HC_ISA, the
// namespace, set. Nothing from the standard library and no function that is shared between instruction sets
// may be called in them: the linker would keep one copy, of whichever.
//
// Arithmetic is that of the compiler's vector extensions (+ - * / & ^ << ? :, element by element); what they
// lack is here. Every operation rounds each element alone, so results do not depend on the vector's size.

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <cstddef>
#include <cstdint>

#if defined(__clang__)
#define HC_UNROLL _Pragma("clang loop unroll(full)")
#else
#define HC_UNROLL _Pragma("GCC unroll 16")
#endif
#define HC_INLINE inline __attribute__((always_inline))

namespace hypercast::nn::HC_ISA {

using std::size_t;

#if defined(__AVX512F__)
constexpr size_t vector_bytes = 64;
#elif defined(__AVX2__)
constexpr size_t vector_bytes = 32;
#else
constexpr size_t vector_bytes = 16;
#endif

template <class T>
struct VectorOf {
  typedef T type __attribute__((vector_size(vector_bytes)));
};
template <class T>
using Vector = typename VectorOf<T>::type;
template <class T>
constexpr size_t lanes = vector_bytes / sizeof(T);

// The integers that are as wide as a number.
template <class Real>
struct BitsOf {
  using type = std::uint32_t;
};
template <>
struct BitsOf<double> {
  using type = std::uint64_t;
};
template <class Real>
using Bits = Vector<typename BitsOf<Real>::type>;

template <class Real>
HC_INLINE Vector<Real> load(const Real* from) {
  Vector<Real> v;
  __builtin_memcpy(&v, from, sizeof v);
  return v;
}
template <class Real>
HC_INLINE void store(Real* to, Vector<Real> v) {
  __builtin_memcpy(to, &v, sizeof v);
}
// Asks for the cache line of an address, which may be anywhere, in the second cache.
HC_INLINE void fetch_line(const void* address) { __builtin_prefetch(address, 0, 2); }
// The first `count` < lanes elements; the others are zero, or stay as they are.
template <class Real>
HC_INLINE Vector<Real> load_first(const Real* from, size_t count) {
  Vector<Real> v = {};
  __builtin_memcpy(&v, from, count * sizeof(Real));
  return v;
}
template <class Real>
HC_INLINE void store_first(Real* to, Vector<Real> v, size_t count) {
  __builtin_memcpy(to, &v, count * sizeof(Real));
}
template <class Real>
HC_INLINE Vector<Real> splat(Real value) {
  return value - Vector<Real>{};
}

template <class To, class From>
HC_INLINE To bit_cast(From from) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  __builtin_memcpy(&to, &from, sizeof to);
  return to;
}

// a b + c, rounded once where the processor can, else twice.
#if defined(__AVX512F__)
HC_INLINE Vector<float> fma(Vector<float> a, Vector<float> b, Vector<float> c) {
  return _mm512_fmadd_ps(a, b, c);
}
HC_INLINE Vector<double> fma(Vector<double> a, Vector<double> b, Vector<double> c) {
  return _mm512_fmadd_pd(a, b, c);
}
#elif defined(__AVX2__)
HC_INLINE Vector<float> fma(Vector<float> a, Vector<float> b, Vector<float> c) {
  return _mm256_fmadd_ps(a, b, c);
}
HC_INLINE Vector<double> fma(Vector<double> a, Vector<double> b, Vector<double> c) {
  return _mm256_fmadd_pd(a, b, c);
}
#elif defined(__FP_FAST_FMAF) && defined(__FP_FAST_FMA)
template <class V>
HC_INLINE V fma(V a, V b, V c) {
  for (size_t i = 0; i < sizeof(V) / sizeof(a[0]); ++i)
    c[i] = sizeof(a[0]) == 4 ? __builtin_fmaf(a[i], b[i], c[i]) : __builtin_fma(a[i], b[i], c[i]);
  return c;
}
#else
template <class V>
HC_INLINE V fma(V a, V b, V c) {
  return a * b + c;
}
#endif
#if defined(__AVX2__) || (defined(__FP_FAST_FMAF) && defined(__FP_FAST_FMA))
constexpr bool fma_rounds_once = true;
#else
constexpr bool fma_rounds_once = false;
#endif

#if defined(__AVX512F__)
HC_INLINE Vector<float> root_of(Vector<float> v) { return _mm512_maskz_sqrt_ps(0xffff, v); }
HC_INLINE Vector<double> root_of(Vector<double> v) { return _mm512_maskz_sqrt_pd(0xff, v); }
#elif defined(__AVX2__)
HC_INLINE Vector<float> root_of(Vector<float> v) { return _mm256_sqrt_ps(v); }
HC_INLINE Vector<double> root_of(Vector<double> v) { return _mm256_sqrt_pd(v); }
#elif defined(__SSE2__)
HC_INLINE Vector<float> root_of(Vector<float> v) { return _mm_sqrt_ps(v); }
HC_INLINE Vector<double> root_of(Vector<double> v) { return _mm_sqrt_pd(v); }
#else
HC_INLINE Vector<float> root_of(Vector<float> v) {
  for (size_t i = 0; i < lanes<float>; ++i) v[i] = __builtin_sqrtf(v[i]);
  return v;
}
HC_INLINE Vector<double> root_of(Vector<double> v) {
  for (size_t i = 0; i < lanes<double>; ++i) v[i] = __builtin_sqrt(v[i]);
  return v;
}
#endif

// Towards the sum of all elements: halves are added until 16 bytes are left, so that one register of 64 bytes
// and two of 32, added beforehand, give the same bits.
template <class T, size_t bytes>
struct SizedVector {
  typedef T type __attribute__((vector_size(bytes)));
};
HC_INLINE SizedVector<float, 16>::type fold(SizedVector<float, 16>::type v) { return v; }
HC_INLINE SizedVector<double, 16>::type fold(SizedVector<double, 16>::type v) { return v; }
#if defined(__AVX2__)
HC_INLINE SizedVector<float, 16>::type fold(SizedVector<float, 32>::type v) {
  return fold(__builtin_shufflevector(v, v, 0, 1, 2, 3) + __builtin_shufflevector(v, v, 4, 5, 6, 7));
}
HC_INLINE SizedVector<double, 16>::type fold(SizedVector<double, 32>::type v) {
  return fold(__builtin_shufflevector(v, v, 0, 1) + __builtin_shufflevector(v, v, 2, 3));
}
#endif
#if defined(__AVX512F__)
HC_INLINE SizedVector<float, 16>::type fold(SizedVector<float, 64>::type v) {
  return fold(__builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7) +
              __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15));
}
HC_INLINE SizedVector<double, 16>::type fold(SizedVector<double, 64>::type v) {
  return fold(__builtin_shufflevector(v, v, 0, 1, 2, 3) + __builtin_shufflevector(v, v, 4, 5, 6, 7));
}
#endif

HC_INLINE float add_up(SizedVector<float, 16>::type v) { return (v[0] + v[2]) + (v[1] + v[3]); }
HC_INLINE double add_up(SizedVector<double, 16>::type v) { return v[0] + v[1]; }
// The same of four vectors at once.
HC_INLINE SizedVector<float, 16>::type add_up(const SizedVector<float, 16>::type (&v)[4]) {
  const auto a =
      __builtin_shufflevector(v[0], v[1], 0, 1, 4, 5) + __builtin_shufflevector(v[0], v[1], 2, 3, 6, 7);
  const auto b =
      __builtin_shufflevector(v[2], v[3], 0, 1, 4, 5) + __builtin_shufflevector(v[2], v[3], 2, 3, 6, 7);
  return __builtin_shufflevector(a, b, 0, 2, 4, 6) + __builtin_shufflevector(a, b, 1, 3, 5, 7);
}

}  // namespace hypercast::nn::HC_ISA
