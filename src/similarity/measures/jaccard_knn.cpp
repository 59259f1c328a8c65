// The mean Jaccard index of the nearest neighbours of every row. M. Klabunde, T. Schumacher, M. Strohmaier,
// F. Lemmerich, "Similarity of neural network models: a survey of functional and representational measures",
// ACM Comput. Surv. 57 (2025).

#include "similarity/neighbours.hpp"

namespace hypercast::similarity {

namespace {

class JaccardKnn final : public NeighbourMeasure {
 public:
  Card card() const override {
    return {.formula = "mean over rows of #(A and B) / #(A or B), A and B the k rows with the largest cosine",
            .source = "M. Klabunde, T. Schumacher, M. Strohmaier, F. Lemmerich, ACM Comput. Surv. 57 (2025)",
            .invariant_to = "OSP"};
  }
  void describe(Section& s) override {
    s.about("Mean Jaccard index of nearest neighbours.");
    s.key("neighbours", neighbours_, "nearest rows of each row").at_least(1);
  }
  int neighbours() const override { return neighbours_; }
  Score score(std::int64_t n, int k, std::span<const std::int32_t> x,
              std::span<const std::int32_t> y) const override {
    const Status status = status_of_neighbours(n, k, x, y);
    if (status != Status::ok) return undefined(status);
    double sum = 0;
    for (std::int64_t i = 0; i < n; ++i) {
      const int shared = shared_neighbours(x.subspan(i * k, k), y.subspan(i * k, k));
      sum += static_cast<double>(shared) / (2 * k - shared);
    }
    return within(sum / static_cast<double>(n), 0, 1);
  }

 private:
  int neighbours_ = 10;
};

}  // namespace

void register_jaccard_knn(MeasureRegistry& registry) {
  registry.add("jaccard_knn", "Jaccard index of nearest neighbours",
               [] { return std::make_unique<JaccardKnn>(); });
}

}  // namespace hypercast::similarity
