// x / (1 + e^-x): S. Elfwing, E. Uchibe, K. Doya, Neural Networks 107 (2018). As smooth as gelu and cheaper.

namespace hypercast::nn::HC_ISA {

struct silu {
  template <class Real>
  static HC_INLINE void apply(Vector<Real> x, Vector<Real>& value, Vector<Real>& slope) {
    const Vector<Real> s = Real(1) / (Real(1) + exponential(-x));
    value = x * s;
    slope = fma(value, Real(1) - s, s);
  }
};

}  // namespace hypercast::nn::HC_ISA
