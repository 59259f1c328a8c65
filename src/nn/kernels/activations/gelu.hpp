// x Phi(x): D. Hendrycks, K. Gimpel, "Gaussian error linear units", 2016.

namespace hypercast::nn::HC_ISA {

struct gelu {
  template <class Real>
  static HC_INLINE void apply(Vector<Real> x, Vector<Real>& value, Vector<Real>& slope) {
    const Vector<Real> density = exponential(Real(-0.5) * x * x);
    const Vector<Real> phi = normal_distribution(x, density);
    value = x * phi;
    slope = phi + x * density * Real(0.39894228040143267794);  // 1 / sqrt(2 pi)
  }
};

}  // namespace hypercast::nn::HC_ISA
