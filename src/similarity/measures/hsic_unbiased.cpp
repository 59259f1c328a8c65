// The unbiased estimate HSIC_1 of the Hilbert-Schmidt independence criterion, linear kernels: on average zero
// of independent features, so that it may be negative. L. Song, A. Smola, A. Gretton, J. Bedo, K. Borgwardt,
// "Feature selection via dependence maximization", JMLR 13 (2012).

#include <limits>

#include "similarity/measure.hpp"

namespace hypercast::similarity {

namespace {

class HsicUnbiased final : public KernelMeasure {
 public:
  Card card() const override {
    return {.formula = "HSIC_1(X X', Y Y'), the estimate of HSIC without the diagonals of the kernels",
            .source = "L. Song, A. Smola, A. Gretton, J. Bedo, K. Borgwardt, JMLR 13 (2012)",
            .lower = -std::numeric_limits<double>::infinity(),
            .upper = std::numeric_limits<double>::infinity(),
            .invariant_to = "TOP"};
  }
  void describe(Section& s) override {
    s.about("Hilbert-Schmidt independence criterion without bias, linear kernel.");
  }
  Score score(const KernelPair& k) const override {
    if (k.n < 4) return undefined(Status::too_few_rows);
    const Card range = card();
    return within(unbiased_hsic(k.n, k.inner, k.diagonal, k.trace_x, k.trace_y), range.lower, range.upper);
  }
};

}  // namespace

void register_hsic_unbiased(MeasureRegistry& registry) {
  registry.add("hsic_unbiased", "Hilbert-Schmidt independence criterion, unbiased, not normalised",
               [] { return std::make_unique<HsicUnbiased>(); });
}

}  // namespace hypercast::similarity
