// The angle between two centred kernel matrices, linear kernels: a metric, since CKA is the cosine of an
// angle. A. H. Williams, E. Kunz, S. Kornblith, S. Linderman, "Generalized shape metrics on neural
// representations", NeurIPS 2021.

#include <numbers>

#include "similarity/measure.hpp"

namespace hypercast::similarity {

namespace {

class AngularCka final : public KernelMeasure {
 public:
  Card card() const override {
    return {.formula = "arccos(|Xc' Yc|^2 / (|Xc' Xc| |Yc' Yc|))",
            .source = "A. H. Williams, E. Kunz, S. Kornblith, S. Linderman, NeurIPS 2021",
            .upper = std::numbers::pi / 2,
            .larger_is_more_similar = false,
            .metric = true,
            .invariant_to = "TOSP",
            .biased = true};
  }
  void describe(Section& s) override { s.about("Angle between kernels, arccos of linear CKA; a metric."); }
  Score score(const KernelPair& k) const override { return angle(cka(k)); }
};

}  // namespace

void register_angular_cka(MeasureRegistry& registry) {
  registry.add("angular_cka", "arccos of linear CKA, a metric",
               [] { return std::make_unique<AngularCka>(); });
}

}  // namespace hypercast::similarity
