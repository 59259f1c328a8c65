// Linear CKA by the unbiased estimator of HSIC: of independent features it is zero on average, whatever the
// numbers of rows and columns, where linear CKA tends to d / (n + d). T. Nguyen, M. Raghu, S. Kornblith, "Do
// wide and deep networks learn the same things?", ICLR 2021; A. Murphy, J. Zylberberg, A. Fyshe, "Correcting
// biased centered kernel alignment measures in biological and artificial neural networks", 2024.

#include "similarity/measure.hpp"

namespace hypercast::similarity {

namespace {

class CkaDebiased final : public KernelMeasure {
 public:
  Card card() const override {
    return {.formula = "HSIC_1(K, L) / sqrt(HSIC_1(K, K) HSIC_1(L, L)), K = X X', L = Y Y'",
            .source = "T. Nguyen, M. Raghu, S. Kornblith, ICLR 2021",
            .lower = -1,
            .invariant_to = "TOSP"};
  }
  void describe(Section& s) override { s.about("Linear CKA without the bias of few rows or many columns."); }
  Score score(const KernelPair& k) const override { return debiased_cka(k); }
};

}  // namespace

void register_cka_debiased(MeasureRegistry& registry) {
  registry.add("cka_debiased", "linear CKA, unbiased; the default",
               [] { return std::make_unique<CkaDebiased>(); });
}

}  // namespace hypercast::similarity
