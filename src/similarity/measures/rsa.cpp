// Representational similarity analysis: whether two models find the same pairs of rows alike. N.
// Kriegeskorte, M. Mur, P. Bandettini, "Representational similarity analysis - connecting the branches of
// systems neuroscience", Front. Syst. Neurosci. 2 (2008).

#include <cmath>

#include "similarity/measure.hpp"

namespace hypercast::similarity {

namespace {

class Rsa final : public GeometryMeasure {
 public:
  Card card() const override {
    return {
        .formula = "Spearman's correlation of the dissimilarities 1 - Pearson(x_i, x_j) of all pairs i < j",
        .source = "N. Kriegeskorte, M. Mur, P. Bandettini, Front. Syst. Neurosci. 2 (2008)",
        .lower = -1,
        .invariant_to = "SP"};
  }
  void describe(Section& s) override {
    s.about("Representational similarity analysis: correlation of distances between rows.");
    s.key("rows", rows_, "of more, every (n / rows)-th is taken; memory grows with the square").at_least(3);
  }
  std::int64_t most_rows() const override { return rows_; }
  Score score(double rank_correlation) const override {
    if (std::isnan(rank_correlation)) return undefined(Status::zero_variance);
    return within(rank_correlation, -1, 1);
  }

 private:
  std::int64_t rows_ = 2000;
};

}  // namespace

void register_rsa(MeasureRegistry& registry) {
  registry.add("rsa", "correlation of the distances between rows", [] { return std::make_unique<Rsa>(); });
}

}  // namespace hypercast::similarity
