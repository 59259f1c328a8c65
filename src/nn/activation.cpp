#include "nn/activation.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>

#include "core/error.hpp"
#include "core/nearest.hpp"

namespace hypercast::nn {

namespace {

// Sine and cosine together, without branches, so that the compiler vectorises the loop around it.
// Cody-Waite reduction to [-pi/4, pi/4] and the single-precision polynomials of S. L. Moshier's Cephes;
// within 2 ULP for |x| < 8000.
inline void sincos(float x, float& sine, float& cosine) {
  constexpr float magic = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer in the low bits
  const float shifted = x * 0.636619772367581343f + magic;
  const auto quadrant = std::bit_cast<std::uint32_t>(shifted);
  const float q = shifted - magic;
  float r = std::fma(q, -1.5703125f, x);
  r = std::fma(q, -4.8351287841796875e-4f, r);
  r = std::fma(q, -3.13855707645416259765625e-7f, r);
  r = std::fma(q, -6.077100628276710381E-11f, r);
  const float r2 = r * r;
  float s = std::fma(r2, -1.9515295891e-4f, 8.3321608736e-3f);
  s = std::fma(r2, s, -1.6666654611e-1f);
  s = std::fma(r2 * r, s, r);
  float c = std::fma(r2, 2.443315711809948e-5f, -1.388731625493765e-3f);
  c = std::fma(r2, c, 4.166664568298827e-2f);
  c = std::fma(r2 * r2, c, std::fma(r2, -0.5f, 1.0f));
  const auto sine_bits = std::bit_cast<std::uint32_t>((quadrant & 1) ? c : s);
  const auto cosine_bits = std::bit_cast<std::uint32_t>((quadrant & 1) ? s : c);
  sine = std::bit_cast<float>(sine_bits ^ ((quadrant & 2) << 30));
  cosine = std::bit_cast<float>(cosine_bits ^ (((quadrant + 1) & 2) << 30));
}

// The same in double precision, within 2 ULP of one for |x| < 10^6.
inline void sincos(double x, double& sine, double& cosine) {
  constexpr double magic = 6755399441055744.0;  // 1.5 * 2^52
  const double shifted = std::fma(x, 0.63661977236758134308, magic);
  const auto quadrant = std::bit_cast<std::uint64_t>(shifted);
  const double q = shifted - magic;
  double r = std::fma(q, -1.57079625129699707031, x);
  r = std::fma(q, -7.54978941586159635336e-8, r);
  r = std::fma(q, -5.39030285815811905290e-15, r);
  const double r2 = r * r;
  double s = std::fma(r2, 1.58962301576546568060e-10, -2.50507477628578072866e-8);
  s = std::fma(r2, s, 2.75573136213857245213e-6);
  s = std::fma(r2, s, -1.98412698295895385996e-4);
  s = std::fma(r2, s, 8.33333333332211858878e-3);
  s = std::fma(r2, s, -1.66666666666666307295e-1);
  s = std::fma(r2 * r, s, r);
  double c = std::fma(r2, -1.13585365213876817300e-11, 2.08757008419747316778e-9);
  c = std::fma(r2, c, -2.75573141792967388112e-7);
  c = std::fma(r2, c, 2.48015872888517045348e-5);
  c = std::fma(r2, c, -1.38888888888730564116e-3);
  c = std::fma(r2, c, 4.16666666666665929218e-2);
  c = std::fma(r2 * r2, c, std::fma(r2, -0.5, 1.0));
  const auto sine_bits = std::bit_cast<std::uint64_t>((quadrant & 1) ? c : s);
  const auto cosine_bits = std::bit_cast<std::uint64_t>((quadrant & 1) ? s : c);
  sine = std::bit_cast<double>(sine_bits ^ ((quadrant & 2) << 62));
  cosine = std::bit_cast<double>(cosine_bits ^ (((quadrant + 1) & 2) << 62));
}

// The exponential function in the same manner: x = n log 2 + r and Cephes' polynomial for e^r, within 2 ULP;
// arguments are cut off where single precision ends.
inline float exponential(float x) {
  constexpr float magic = 12582912.0f;
  x = x < -87.0f ? -87.0f : x;
  x = x > 88.0f ? 88.0f : x;
  const float shifted = std::fma(x, 1.44269504088896341f, magic);
  const float n = shifted - magic;
  float r = std::fma(n, -0.693359375f, x);
  r = std::fma(n, 2.12194440e-4f, r);
  float p = std::fma(1.9875691500e-4f, r, 1.3981999507e-3f);
  p = std::fma(p, r, 8.3334519073e-3f);
  p = std::fma(p, r, 4.1665795894e-2f);
  p = std::fma(p, r, 1.6666665459e-1f);
  p = std::fma(p, r, 5.0000001201e-1f);
  p = std::fma(p, r * r, r) + 1.0f;
  const auto power = (std::bit_cast<std::uint32_t>(shifted) + 127u) << 23;  // of two
  return p * std::bit_cast<float>(power);
}
inline double exponential(double x) { return std::exp(x); }

template <class Real>
void sine(Real omega, std::span<const Real> z, std::span<Real> a, std::span<Real> d) {
  const Real* from = z.data();
  Real* to = a.data();
  Real* slope = d.data();
  for (std::size_t i = 0; i < z.size(); ++i) {
    Real s, c;
    sincos(omega * from[i], s, c);
    to[i] = s;
    slope[i] = omega * c;
  }
}

template <class Real>
void tanh(Real omega, std::span<const Real> z, std::span<Real> a, std::span<Real> d) {
  for (std::size_t i = 0; i < z.size(); ++i) {
    const Real t = std::tanh(omega * z[i]);
    a[i] = t;
    d[i] = omega * (1 - t * t);
  }
}

// D. Hendrycks, K. Gimpel, "Gaussian error linear units", 2016: x Phi(x).
template <class Real>
void gelu(Real omega, std::span<const Real> z, std::span<Real> a, std::span<Real> d) {
  constexpr Real root_half = std::numbers::sqrt2_v<Real> / 2;
  constexpr Real density = std::numbers::inv_sqrtpi_v<Real> * root_half;
  for (std::size_t i = 0; i < z.size(); ++i) {
    const Real x = omega * z[i];
    const Real phi = (1 + std::erf(x * root_half)) / 2;
    a[i] = x * phi;
    d[i] = omega * (phi + x * density * std::exp(-x * x / 2));
  }
}

// S. Elfwing, E. Uchibe, K. Doya, Neural Networks 107 (2018): x / (1 + e^-x). As smooth as gelu and much
// cheaper here.
template <class Real>
void relu(Real omega, std::span<const Real> z, std::span<Real> a, std::span<Real> d) {
  const Real* from = z.data();
  Real* to = a.data();
  Real* slope = d.data();
  for (std::size_t i = 0; i < z.size(); ++i) {
    const Real x = omega * from[i];
    to[i] = x > 0 ? x : 0;
    slope[i] = x > 0 ? omega : 0;
  }
}

template <class Real>
void silu(Real omega, std::span<const Real> z, std::span<Real> a, std::span<Real> d) {
  const Real* from = z.data();
  Real* to = a.data();
  Real* slope = d.data();
  for (std::size_t i = 0; i < z.size(); ++i) {
    const Real x = omega * from[i];
    const Real s = 1 / (1 + exponential(-x));
    to[i] = x * s;
    slope[i] = omega * (s + x * s * (1 - s));
  }
}

template <class Real>
void identity(Real omega, std::span<const Real> z, std::span<Real> a, std::span<Real> d) {
  for (std::size_t i = 0; i < z.size(); ++i) {
    a[i] = omega * z[i];
    d[i] = omega;
  }
}

}  // namespace

Activation activation_named(const std::string& name) {
  if (name == "identity") return Activation::identity;
  if (name == "sine") return Activation::sine;
  if (name == "tanh") return Activation::tanh;
  if (name == "gelu") return Activation::gelu;
  if (name == "silu") return Activation::silu;
  if (name == "relu") return Activation::relu;
  throw UserError(Exit::data, "unknown activation '" + name + "'" +
                                  did_you_mean(name, {"identity", "sine", "tanh", "gelu", "silu", "relu"}));
}

template <class Real>
void activate(Activation activation, Real omega, std::span<const Real> z, std::span<Real> a,
              std::span<Real> d) {
  switch (activation) {
    case Activation::identity:
      return identity(omega, z, a, d);
    case Activation::sine:
      return sine(omega, z, a, d);
    case Activation::tanh:
      return tanh(omega, z, a, d);
    case Activation::gelu:
      return gelu(omega, z, a, d);
    case Activation::silu:
      return silu(omega, z, a, d);
    case Activation::relu:
      return relu(omega, z, a, d);
  }
}

template void activate(Activation, float, std::span<const float>, std::span<float>, std::span<float>);
template void activate(Activation, double, std::span<const double>, std::span<double>, std::span<double>);

}  // namespace hypercast::nn
