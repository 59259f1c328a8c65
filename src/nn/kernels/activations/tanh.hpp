// tanh x.

namespace hypercast::nn::HC_ISA {

struct tanh {
  template <class Real>
  static HC_INLINE void apply(Vector<Real> x, Vector<Real>& value, Vector<Real>& slope) {
    value = hyperbolic_tangent(x);
    slope = Real(1) - value * value;
  }
};

}  // namespace hypercast::nn::HC_ISA
