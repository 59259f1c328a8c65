// The share of nearest neighbours that two models have in common; by chance k / (n - 1). M. Huh, B. Cheung,
// T. Wang, P. Isola, "The Platonic representation hypothesis", ICML 2024.

#include "similarity/neighbours.hpp"

namespace hypercast::similarity {

namespace {

class MutualKnn final : public NeighbourMeasure {
 public:
  Card card() const override {
    return {.formula = "mean over rows of #(A and B) / k, A and B the k rows with the largest cosine",
            .source = "M. Huh, B. Cheung, T. Wang, P. Isola, ICML 2024",
            .invariant_to = "OSP"};
  }
  void describe(Section& s) override {
    s.about("Share of common nearest neighbours.");
    s.key("neighbours", neighbours_, "nearest rows of each row").at_least(1);
  }
  int neighbours() const override { return neighbours_; }
  Score score(std::int64_t n, int k, std::span<const std::int32_t> x,
              std::span<const std::int32_t> y) const override {
    const Status status = status_of_neighbours(n, k, x, y);
    if (status != Status::ok) return undefined(status);
    std::int64_t shared = 0;
    for (std::int64_t i = 0; i < n; ++i)
      shared += shared_neighbours(x.subspan(i * k, k), y.subspan(i * k, k));
    return within(static_cast<double>(shared) / static_cast<double>(n * k), 0, 1);
  }

 private:
  int neighbours_ = 10;
};

}  // namespace

void register_mutual_knn(MeasureRegistry& registry) {
  registry.add("mutual_knn", "share of common nearest neighbours",
               [] { return std::make_unique<MutualKnn>(); });
}

}  // namespace hypercast::similarity
