// sin x: V. Sitzmann et al., "Implicit neural representations with periodic activation functions", NeurIPS
// 2020.

namespace hypercast::nn::HC_ISA {

struct sine {
  template <class Real>
  static HC_INLINE void apply(Vector<Real> x, Vector<Real>& value, Vector<Real>& slope) {
    sine_cosine<Real>(x, value, slope);
  }
};

}  // namespace hypercast::nn::HC_ISA
