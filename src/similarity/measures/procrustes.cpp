// How well one model's centred features, scaled to norm 1, can be turned onto the other's: the squared
// distance after the best rotation is 2 - 2 times this. P. H. Schoenemann, "A generalized solution of the
// orthogonal Procrustes problem", Psychometrika 31 (1966); F. Ding, J.-S. Denain, J. Steinhardt, "Grounding
// representation similarity through statistical testing", NeurIPS 2021.

#include "similarity/subspaces.hpp"

namespace hypercast::similarity {

namespace {

class Procrustes final : public SubspaceMeasure {
 public:
  Card card() const override {
    return {.formula = "|Xc' Yc|_* / (|Xc| |Yc|)",
            .source = "F. Ding, J.-S. Denain, J. Steinhardt, NeurIPS 2021",
            .invariant_to = "TOSP",
            .biased = true};
  }
  void describe(Section& s) override { s.about("Alignment of features by the best rotation."); }
  Score score(const SubspacePair& pair) const override { return procrustes(pair); }
};

}  // namespace

void register_procrustes(MeasureRegistry& registry) {
  registry.add("procrustes", "alignment by the best rotation", [] { return std::make_unique<Procrustes>(); });
}

}  // namespace hypercast::similarity
