// The angle between two models' centred features after the best rotation: a metric of shapes. A. H. Williams,
// E. Kunz, S. Kornblith, S. Linderman, "Generalized shape metrics on neural representations", NeurIPS 2021;
// D. G. Kendall, "Shape manifolds, Procrustean metrics, and complex projective spaces", Bull. London Math.
// Soc. 16 (1984).

#include <numbers>

#include "similarity/subspaces.hpp"

namespace hypercast::similarity {

namespace {

class AngularShape final : public SubspaceMeasure {
 public:
  Card card() const override {
    return {.formula = "arccos(|Xc' Yc|_* / (|Xc| |Yc|))",
            .source = "A. H. Williams, E. Kunz, S. Kornblith, S. Linderman, NeurIPS 2021",
            .upper = std::numbers::pi / 2,
            .larger_is_more_similar = false,
            .metric = true,
            .invariant_to = "TOSP",
            .biased = true};
  }
  void describe(Section& s) override { s.about("Angle after the best rotation; a metric of shapes."); }
  Score score(const SubspacePair& pair) const override { return angle(procrustes(pair)); }
};

}  // namespace

void register_angular_shape(MeasureRegistry& registry) {
  registry.add("angular_shape", "angle after the best rotation, a metric",
               [] { return std::make_unique<AngularShape>(); });
}

}  // namespace hypercast::similarity
