// Singular vector CCA: the mean canonical correlation of the leading principal components of each model, as
// many as reach a share of the variance. M. Raghu, J. Gilmer, J. Yosinski, J. Sohl-Dickstein, "SVCCA:
// singular vector canonical correlation analysis for deep learning dynamics and interpretability", NeurIPS
// 2017.

#include <numeric>

#include "similarity/subspaces.hpp"

namespace hypercast::similarity {

namespace {

class Svcca final : public SubspaceMeasure {
 public:
  Card card() const override {
    return {.formula = "mean canonical correlation of the principal components that reach a share of sum s^2",
            .source = "M. Raghu, J. Gilmer, J. Yosinski, J. Sohl-Dickstein, NeurIPS 2017",
            .invariant_to = "TOSP",
            .biased = true};
  }
  void describe(Section& s) override {
    s.about("Mean canonical correlation of leading principal components.");
    s.key("kept", kept_, "share of the variance, the sum of squared singular values").above(0).at_most(1);
  }
  Score score(const SubspacePair& pair) const override {
    const std::size_t of_x = leading(pair.x), of_y = leading(pair.y);
    if (of_x == 0 || of_y == 0) return undefined(Status::zero_variance);
    // More directions than rows have room for meet by counting.
    const bool forced = static_cast<std::int64_t>(of_x + of_y) > pair.x.n - 1;
    const bool all = of_x == pair.x.rank && of_y == pair.y.rank;
    const auto rho = all ? canonical_correlations(pair) : canonical_correlations(pair, of_x, of_y);
    return within(std::accumulate(rho.begin(), rho.end(), 0.0) / static_cast<double>(rho.size()), 0, 1,
                  forced ? Status::too_few_rows : Status::ok);
  }

 private:
  // The fewest directions whose variances reach the share of their sum.
  std::size_t leading(const Subspace& space) const {
    std::vector<double> reached;  // relative to the first variance
    for (const double s : space.s)
      reached.push_back((reached.empty() ? 0 : reached.back()) + (s / space.s[0]) * (s / space.s[0]));
    std::size_t count = 0;
    while (count < space.rank && (count == 0 || reached[count - 1] < kept_ * reached.back())) ++count;
    return count;
  }

  double kept_ = 0.99;
};

}  // namespace

void register_svcca(MeasureRegistry& registry) {
  registry.add("svcca", "canonical correlation of leading principal components",
               [] { return std::make_unique<Svcca>(); });
}

}  // namespace hypercast::similarity
