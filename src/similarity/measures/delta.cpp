// Delta: how far a hypernetwork's step on one model's loss lowers another's (Jaisidh Singh, "New POVs on
// hypernetworks", 2025).

#include <algorithm>
#include <limits>

#include "similarity/delta/measure.hpp"

namespace hypercast::similarity {

namespace {

std::string formula_of(const DeltaScheme& scheme) {
  std::string formula = "Delta(A -> B) = l_B(phi_0) - l_B(phi_1), ";
  formula += scheme.steps == 1
                 ? "phi_1 = phi_0 - eta_A dl_A/dphi"
                 : "phi_1 after " + std::to_string(scheme.steps) + " steps of descent on l_A from phi_0";
  if (!scheme.normalised) return formula;
  // X@c: model X with the conditioning of c.
  formula += scheme.twin
                 ? "; Delta(A@A -> B@B) / sqrt(Delta(A@A -> A@B) Delta(B@A -> B@B)), X@c: X conditioned as c"
                 : "; Delta(A -> B) / sqrt(Delta(A -> A) Delta(B -> B))";
  return formula + ", each in units of its eta";
}

// What may be done to columns without a change of F, see delta/features.hpp.
std::string invariances_of_features(const DeltaScheme& scheme) {
  if (scheme.map == FeatureMap::raw) return scheme.centred ? "TS" : "";
  if (scheme.centred) return "TOSP";
  return scheme.map == FeatureMap::relative ? "OSP" : "OP";
}

std::string invariances_of(const DeltaScheme& scheme) {
  std::string letters = invariances_of_features(scheme);
  // The mean moves and turns with the columns; it is told in units of the rows.
  if (scheme.conditioning == ModelCode::mean)
    std::erase_if(letters, [](char letter) { return letter != 'S'; });
  return letters;
}

}  // namespace

Card DeltaMeasure::card() const {
  const DeltaScheme scheme = scheme_of(options_);
  std::string source =
      "Jaisidh Singh, \"New POVs on hypernetworks\", 2025; 1 - l1/l0 is TAG: C. Fifty et al., NeurIPS 2021";
  if (scheme.map == FeatureMap::relative) source += "; relative map: L. Moschella et al., ICLR 2023";
  return {
      .formula = formula_of(scheme),
      .source = source,
      .lower = -std::numeric_limits<double>::infinity(),  // a step is finite: its cosine may leave [-1, 1]
      .upper = std::numeric_limits<double>::infinity(),
      .symmetric = false,
      .invariant_to = invariances_of(scheme),
      .needs_labels = true,
      .biased = scheme.map != FeatureMap::raw};
}

std::string DeltaMeasure::parameters() {
  DeltaMeasure resolved;
  resolved.options_ = in_force(options_);
  return resolved.Measure::parameters();
}

void register_delta(MeasureRegistry& registry) {
  registry.add("delta", "how far a hypernetwork's step on one model's loss lowers another's; needs labels",
               [] { return std::make_unique<DeltaMeasure>(); });
}

}  // namespace hypercast::similarity
