// Mean canonical correlation: how far the spaces that the columns span are the same, whatever the variance in
// each direction. H. Hotelling, "Relations between two sets of variates", Biometrika 28 (1936).

#include <numeric>

#include "similarity/subspaces.hpp"

namespace hypercast::similarity {

namespace {

class Cca final : public SubspaceMeasure {
 public:
  Card card() const override {
    return {.formula = "|Qx' Qy|_* / min(rank x, rank y), Q orthonormal bases of centred features",
            .source = "H. Hotelling, Biometrika 28 (1936)",
            .invariant_to = "TOSPL",
            .biased = true};
  }
  void describe(Section& s) override { s.about("Mean canonical correlation."); }
  Score score(const SubspacePair& pair) const override {
    const Status status = status_of_correlations(pair);
    if (status == Status::zero_variance) return undefined(status);
    const auto& rho = canonical_correlations(pair);
    return within(std::accumulate(rho.begin(), rho.end(), 0.0) / static_cast<double>(rho.size()), 0, 1,
                  status);
  }
};

}  // namespace

void register_cca(MeasureRegistry& registry) {
  registry.add("cca", "mean canonical correlation", [] { return std::make_unique<Cca>(); });
}

}  // namespace hypercast::similarity
