// The variance of one model's features that a linear map from the other's explains, R2. S. Kornblith,
// M. Norouzi, H. Lee, G. Hinton, "Similarity of neural network representations revisited", ICML 2019.

#include "similarity/subspaces.hpp"

namespace hypercast::similarity {

namespace {

class LinearRegression final : public SubspaceMeasure {
 public:
  Card card() const override {
    return {.formula =
                "|Qy' Xc|^2 / |Xc|^2: the variance of X (the row of the matrix) that a linear fit from Y "
                "(its column) explains",
            .source = "S. Kornblith, M. Norouzi, H. Lee, G. Hinton, ICML 2019",
            .symmetric = false,
            .invariant_to = "TOSP",
            .biased = true};
  }
  void describe(Section& s) override {
    s.about("Share of the variance of the source's features that a linear fit from the target's explains.");
  }
  Score score(const SubspacePair& pair) const override {
    const auto &x = pair.x, &y = pair.y;
    if (x.rank == 0) return undefined(Status::zero_variance);
    double explained = 0, all = 0;
    for (std::size_t i = 0; i < x.rank; ++i) {
      const double variance = (x.s[i] / x.s[0]) * (x.s[i] / x.s[0]);
      double share = 0;
      for (const double overlap : pair.overlap.subspan(i * y.rank, y.rank)) share += overlap * overlap;
      explained += variance * share;
      all += variance;
    }
    // A target of n - 1 dimensions explains whatever has n rows.
    const bool forced = static_cast<std::int64_t>(y.rank) >= y.n - 1;
    return within(explained / all, 0, 1, forced ? Status::too_few_rows : Status::ok);
  }
};

}  // namespace

void register_linreg(MeasureRegistry& registry) {
  registry.add("linreg", "R2 of the source given the target by linear regression",
               [] { return std::make_unique<LinearRegression>(); });
}

}  // namespace hypercast::similarity
