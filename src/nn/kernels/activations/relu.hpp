// max(x, 0).

namespace hypercast::nn::HC_ISA {

struct relu {
  template <class Real>
  static HC_INLINE void apply(Vector<Real> x, Vector<Real>& value, Vector<Real>& slope) {
    value = x > 0 ? x : Vector<Real>{};
    slope = x > 0 ? splat(Real(1)) : Vector<Real>{};
  }
};

}  // namespace hypercast::nn::HC_ISA
