#pragma once
// Elementary functions of a vector's elements, without branches. In single precision polynomials of S. L.
// Moshier's Cephes library, within 2 units in the last place; in double precision those of Cephes for sine
// and cosine, the C library's for the rest.

#include "nn/kernels/lanes.hpp"

namespace hypercast::nn::HC_ISA {

// Calls a function of one number for each element.
template <class V, class F>
HC_INLINE V each(V x, F f) {
  for (size_t i = 0; i < sizeof(V) / sizeof(x[0]); ++i) x[i] = f(x[i]);
  return x;
}

// Sine and cosine share one reduction of the argument to [-pi/4, pi/4]: x - q pi/2, the constant in parts
// (W. J. Cody, W. Waite, "Software manual for the elementary functions", 1980). With a fused multiply-add the
// first product is exact to |q| < 2^13; without, parts must be short enough for their products to be exact.
// Within 2 units in the last place for |x| <= 1e4.
HC_INLINE Vector<float> reduce(Vector<float> x, Vector<float> q) {
  if constexpr (fma_rounds_once) {
    Vector<float> r = fma(q, splat(-1.57079637050628662109375f), x);
    r = fma(q, splat(4.371138828673793e-8f), r);
    return fma(q, splat(1.7151244994428829e-15f), r);
  } else {
    const Vector<float> high = (x - q * 1.5703125f) - q * 4.8351287841796875e-4f;
    const Vector<float> part = q * 3.13855707645416259765625e-7f, r = high - part;
    const Vector<float> lost = (high - r) - part;  // in that difference
    return r + (lost - q * 6.077100628276710381e-11f);
  }
}
HC_INLINE Vector<double> reduce(Vector<double> x, Vector<double> q) {
  Vector<double> r = fma(q, splat(-1.57079625129699707031), x);
  r = fma(q, splat(-7.54978941586159635336e-8), r);
  return fma(q, splat(-5.39030285815811905290e-15), r);
}

HC_INLINE void polynomials(Vector<float> r, Vector<float>& s, Vector<float>& c) {
  const Vector<float> r2 = r * r;
  s = fma(r2, splat(-1.9515295891e-4f), splat(8.3321608736e-3f));
  s = fma(r2, s, splat(-1.6666654611e-1f));
  s = fma(r2 * r, s, r);
  c = fma(r2, splat(2.443315711809948e-5f), splat(-1.388731625493765e-3f));
  c = fma(r2, c, splat(4.166664568298827e-2f));
  c = fma(r2 * r2, c, fma(r2, splat(-0.5f), splat(1.0f)));
}
HC_INLINE void polynomials(Vector<double> r, Vector<double>& s, Vector<double>& c) {
  const Vector<double> r2 = r * r;
  s = fma(r2, splat(1.58962301576546568060e-10), splat(-2.50507477628578072866e-8));
  s = fma(r2, s, splat(2.75573136213857245213e-6));
  s = fma(r2, s, splat(-1.98412698295895385996e-4));
  s = fma(r2, s, splat(8.33333333332211858878e-3));
  s = fma(r2, s, splat(-1.66666666666666307295e-1));
  s = fma(r2 * r, s, r);
  c = fma(r2, splat(-1.13585365213876817300e-11), splat(2.08757008419747316778e-9));
  c = fma(r2, c, splat(-2.75573141792967388112e-7));
  c = fma(r2, c, splat(2.48015872888517045348e-5));
  c = fma(r2, c, splat(-1.38888888888730564116e-3));
  c = fma(r2, c, splat(4.16666666666665929218e-2));
  c = fma(r2 * r2, c, fma(r2, splat(-0.5), splat(1.0)));
}

template <class Real>
struct Rounding {
  static constexpr float to_integer = 12582912.0f;  // 1.5 2^23: adding it leaves an integer in the low bits
};
template <>
struct Rounding<double> {
  static constexpr double to_integer = 6755399441055744.0;  // 1.5 2^52
};

template <class Real, class V = Vector<Real>>
HC_INLINE void sine_cosine(V x, V& sine, V& cosine) {
  constexpr Real to_integer = Rounding<Real>::to_integer;
  constexpr int sign = 8 * sizeof(Real) - 2;  // bit 1 moves to the sign
  const V shifted = fma(x, splat(Real(0.63661977236758134308)), splat(to_integer));
  const auto quadrant = bit_cast<Bits<Real>>(shifted);
  V s, c;
  polynomials(reduce(x, shifted - to_integer), s, c);
  const auto odd = (quadrant & 1) != 0;
  const V first = odd ? c : s, second = odd ? s : c;
  sine = bit_cast<V>(bit_cast<Bits<Real>>(first) ^ ((quadrant & 2) << sign));
  cosine = bit_cast<V>(bit_cast<Bits<Real>>(second) ^ (((quadrant + 1) & 2) << sign));
}

// e^x = 2^n e^r; arguments are cut off where single precision ends.
HC_INLINE Vector<float> exponential(Vector<float> x) {
  x = x < -87.0f ? splat(-87.0f) : x;
  x = x > 88.0f ? splat(88.0f) : x;
  const Vector<float> shifted = fma(x, splat(1.44269504088896341f), splat(Rounding<float>::to_integer));
  const Vector<float> n = shifted - Rounding<float>::to_integer;
  Vector<float> r = fma(n, splat(-0.693359375f), x);
  r = fma(n, splat(2.12194440e-4f), r);
  Vector<float> p = fma(splat(1.9875691500e-4f), r, splat(1.3981999507e-3f));
  p = fma(p, r, splat(8.3334519073e-3f));
  p = fma(p, r, splat(4.1665795894e-2f));
  p = fma(p, r, splat(1.6666665459e-1f));
  p = fma(p, r, splat(5.0000001201e-1f));
  p = fma(p, r * r, r) + 1.0f;
  return p * bit_cast<Vector<float>>((bit_cast<Bits<float>>(shifted) + 127u) << 23);
}
HC_INLINE Vector<double> exponential(Vector<double> x) { return each(x, __builtin_exp); }

// Near zero a polynomial, beyond it 1 - 2 / (e^2x + 1).
HC_INLINE Vector<float> hyperbolic_tangent(Vector<float> x) {
  const auto sign = bit_cast<Bits<float>>(x) & 0x80000000u;
  const auto size = bit_cast<Vector<float>>(bit_cast<Bits<float>>(x) ^ sign);
  const Vector<float> x2 = x * x;
  Vector<float> p = fma(x2, splat(-5.70498872745e-3f), splat(2.06390887954e-2f));
  p = fma(p, x2, splat(-5.37397155531e-2f));
  p = fma(p, x2, splat(1.33314422036e-1f));
  p = fma(p, x2, splat(-3.33332819422e-1f));
  p = fma(p * x2, x, x);
  const Vector<float> far = 1.0f - 2.0f / (exponential(2.0f * size) + 1.0f);
  const auto signed_far = bit_cast<Vector<float>>(bit_cast<Bits<float>>(far) ^ sign);
  return size < 0.625f ? p : signed_far;
}
HC_INLINE Vector<double> hyperbolic_tangent(Vector<double> x) { return each(x, __builtin_tanh); }

// The distribution function of the normal distribution, Phi(x) = (1 + erf(x / sqrt 2)) / 2, from
// erfc(y) = e^(-y^2) q(1 / y^2) / y for y >= 1 and a polynomial below. `density` = e^(-x^2 / 2).
HC_INLINE Vector<float> normal_distribution(Vector<float> x, Vector<float> density) {
  const Vector<float> y = x * 0.707106781186547524f, y2 = y * y;
  Vector<float> near = fma(splat(7.853861353153693e-5f), y2, splat(-8.010193625184903e-4f));
  near = fma(near, y2, splat(5.188327685732524e-3f));
  near = fma(near, y2, splat(-2.685381193529856e-2f));
  near = fma(near, y2, splat(1.128358514861418e-1f));
  near = fma(near, y2, splat(-3.761262582423300e-1f));
  near = fma(near, y2, splat(1.128379165726710f));
  near = fma(near * y, splat(0.5f), splat(0.5f));
  const Vector<float> q = 1.0f / (y < 0 ? -y : y), q2 = q * q;
  Vector<float> middle = fma(splat(2.326819970068386e-2f), q2, splat(-1.387039388740657e-1f));
  middle = fma(middle, q2, splat(3.687424674597105e-1f));
  middle = fma(middle, q2, splat(-5.824733027278666e-1f));
  middle = fma(middle, q2, splat(6.210004621745983e-1f));
  middle = fma(middle, q2, splat(-4.944515323274145e-1f));
  middle = fma(middle, q2, splat(3.404879937665872e-1f));
  middle = fma(middle, q2, splat(-2.741127028184656e-1f));
  middle = fma(middle, q2, splat(5.638259427386472e-1f));
  Vector<float> outer = fma(splat(-1.047766399936249e+1f), q2, splat(1.297719955372516e+1f));
  outer = fma(outer, q2, splat(-7.495518717768503f));
  outer = fma(outer, q2, splat(2.921019019210786f));
  outer = fma(outer, q2, splat(-1.015265279202700f));
  outer = fma(outer, q2, splat(4.218463358204948e-1f));
  outer = fma(outer, q2, splat(-2.820767439740514e-1f));
  outer = fma(outer, q2, splat(5.641895067754075e-1f));
  const Vector<float> tail = 0.5f * density * q * (y2 < 4.0f ? middle : outer);
  const Vector<float> far = x < 0 ? tail : 1.0f - tail;
  return y2 < 1.0f ? near : far;
}
HC_INLINE Vector<double> normal_distribution(Vector<double> x, Vector<double>) {
  return each(x, [](double v) { return 0.5 * __builtin_erfc(-0.70710678118654752440 * v); });
}

}  // namespace hypercast::nn::HC_ISA
