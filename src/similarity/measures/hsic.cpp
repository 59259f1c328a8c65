// The Hilbert-Schmidt independence criterion of linear kernels: the squared covariance of all pairs of
// columns. A. Gretton, O. Bousquet, A. Smola, B. Schoelkopf, "Measuring statistical dependence with
// Hilbert-Schmidt norms", ALT 2005.

#include <limits>

#include "similarity/measure.hpp"

namespace hypercast::similarity {

namespace {

class Hsic final : public KernelMeasure {
 public:
  Card card() const override {
    return {.formula = "tr(K H L H) / (n - 1)^2, K = X X', L = Y Y', H = I - 11'/n",
            .source = "A. Gretton, O. Bousquet, A. Smola, B. Schoelkopf, ALT 2005",
            .upper = std::numeric_limits<double>::infinity(),
            .invariant_to = "TOP",
            .biased = true};
  }
  void describe(Section& s) override {
    s.about("Hilbert-Schmidt independence criterion, linear kernel; has the scale of the features.");
  }
  Score score(const KernelPair& k) const override {
    if (k.n < 2) return undefined(Status::too_few_rows);
    const auto n = static_cast<double>(k.n);
    return within(k.inner / ((n - 1) * (n - 1)), 0, card().upper);
  }
};

}  // namespace

void register_hsic(MeasureRegistry& registry) {
  registry.add("hsic", "Hilbert-Schmidt independence criterion, not normalised",
               [] { return std::make_unique<Hsic>(); });
}

}  // namespace hypercast::similarity
