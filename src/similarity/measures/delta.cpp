// Delta, by a step of a hypernetwork; see delta/delta.hpp.

#include "similarity/delta/measure.hpp"

namespace hypercast::similarity {

Card DeltaMeasure::card() const {
  return {.formula = "l_B(phi_0) - l_B(phi_1), phi_1 = phi_0 - eta dl_A/dphi, normalised by the models' own",
          .source = "see delta/delta.hpp; 1 - l1/l0 is TAG: C. Fifty et al., NeurIPS 2021",
          .lower = -std::numeric_limits<double>::infinity(),
          .upper = std::numeric_limits<double>::infinity(),
          .symmetric = false,
          .invariant_to = "TOSP",
          .needs_labels = true};
}

void register_delta(MeasureRegistry& registry) {
  registry.add("delta", "how far a hypernetwork's step on one model's loss lowers another's; needs labels",
               [] { return std::make_unique<DeltaMeasure>(); });
}

}  // namespace hypercast::similarity
