// Linear centred kernel alignment. Of independent features it tends to d / (n + d), not to 0: with few rows
// or many columns see cka_debiased. S. Kornblith, M. Norouzi, H. Lee, G. Hinton, "Similarity of neural
// network representations revisited", ICML 2019; C. Cortes, M. Mohri, A. Rostamizadeh, JMLR 13 (2012).

#include "similarity/measure.hpp"

namespace hypercast::similarity {

namespace {

class Cka final : public KernelMeasure {
 public:
  Card card() const override {
    return {.formula = "|Xc' Yc|^2 / (|Xc' Xc| |Yc' Yc|)",
            .source = "S. Kornblith, M. Norouzi, H. Lee, G. Hinton, ICML 2019",
            .invariant_to = "TOSP",
            .biased = true};
  }
  void describe(Section& s) override { s.about("Linear centred kernel alignment."); }
  Score score(const KernelPair& k) const override { return cka(k); }
};

}  // namespace

void register_cka(MeasureRegistry& registry) {
  registry.add("cka", "linear centred kernel alignment", [] { return std::make_unique<Cka>(); });
}

}  // namespace hypercast::similarity
