// Mean squared canonical correlation, the R2 of CCA. H. Hotelling, "Relations between two sets of variates",
// Biometrika 28 (1936).

#include <numeric>

#include "similarity/subspaces.hpp"

namespace hypercast::similarity {

namespace {

class CcaR2 final : public SubspaceMeasure {
 public:
  Card card() const override {
    return {.formula = "|Qx' Qy|^2 / min(rank x, rank y), Q orthonormal bases of centred features",
            .source = "H. Hotelling, Biometrika 28 (1936)",
            .invariant_to = "TOSPL",
            .biased = true};
  }
  void describe(Section& s) override { s.about("Mean squared canonical correlation."); }
  Score score(const SubspacePair& pair) const override {
    const Status status = status_of_correlations(pair);
    if (status == Status::zero_variance) return undefined(status);
    const auto& rho = canonical_correlations(pair);
    return within(
        std::inner_product(rho.begin(), rho.end(), rho.begin(), 0.0) / static_cast<double>(rho.size()), 0, 1,
        status);
  }
};

}  // namespace

void register_cca_r2(MeasureRegistry& registry) {
  registry.add("cca_r2", "mean squared canonical correlation", [] { return std::make_unique<CcaR2>(); });
}

}  // namespace hypercast::similarity
