// Centred kernel alignment of Gaussian kernels, whose width is a fraction of the median distance. S.
// Kornblith, M. Norouzi, H. Lee, G. Hinton, "Similarity of neural network representations revisited", ICML
// 2019.

#include "similarity/measure.hpp"

namespace hypercast::similarity {

namespace {

class CkaRbf final : public KernelMeasure {
 public:
  Card card() const override {
    return {.formula = debiased_ ? "HSIC_1(K, L) / sqrt(HSIC_1(K, K) HSIC_1(L, L)), Gaussian kernels"
                                 : "<H K H, H L H> / (|H K H| |H L H|), Gaussian kernels",
            .source = "S. Kornblith, M. Norouzi, H. Lee, G. Hinton, ICML 2019",
            .lower = debiased_ ? -1.0 : 0.0,
            .invariant_to = "TOSP",
            .biased = !debiased_};
  }
  void describe(Section& s) override {
    s.about("Centred kernel alignment of Gaussian kernels.");
    s.key("bandwidth", kernel_.bandwidth, "t of exp(-|x - x'|^2 / (2 t^2 median of |x - x'|^2))").above(0);
    s.key("debiased", debiased_, "by the unbiased estimate of HSIC");
  }
  Kernel kernel() const override { return kernel_; }
  Score score(const KernelPair& k) const override { return debiased_ ? debiased_cka(k) : cka(k); }

 private:
  Kernel kernel_{.kind = Kernel::Kind::gaussian};
  bool debiased_ = false;
};

}  // namespace

void register_cka_rbf(MeasureRegistry& registry) {
  registry.add("cka_rbf", "CKA of Gaussian kernels", [] { return std::make_unique<CkaRbf>(); });
}

}  // namespace hypercast::similarity
