// x, as it is.

namespace hypercast::nn::HC_ISA {

struct identity {
  template <class Real>
  static HC_INLINE void apply(Vector<Real> x, Vector<Real>& value, Vector<Real>& slope) {
    value = x;
    slope = splat(Real(1));
  }
};

}  // namespace hypercast::nn::HC_ISA
