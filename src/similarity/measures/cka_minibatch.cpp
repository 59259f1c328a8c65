// Linear CKA from the unbiased HSIC of small batches of rows, numerator and denominator averaged separately:
// the value does not depend on the size of batches but for noise, and the cost grows with n instead of n^2.
// T. Nguyen, M. Raghu, S. Kornblith, "Do wide and deep networks learn the same things?", ICLR 2021.

#include <cmath>

#include "similarity/measure.hpp"

namespace hypercast::similarity {

namespace {

class CkaMinibatch final : public BatchMeasure {
 public:
  Card card() const override {
    return {.formula = "mean HSIC_1(K, L) / sqrt(mean HSIC_1(K, K) mean HSIC_1(L, L)) over batches of rows",
            .source = "T. Nguyen, M. Raghu, S. Kornblith, ICLR 2021",
            .lower = -1,
            .invariant_to = "TOSP"};
  }
  void describe(Section& s) override {
    s.about("Linear CKA, unbiased, averaged over batches of rows.");
    s.key("batch", batch_, "rows of a batch").at_least(4);
  }
  std::int64_t batch() const override { return batch_; }
  Score score(double hsic, double hsic_x, double hsic_y) const override {
    if (std::isnan(hsic)) return undefined(Status::too_few_rows);
    return cosine(hsic, hsic_x, hsic_y, -1);
  }

 private:
  std::int64_t batch_ = 256;
};

}  // namespace

void register_cka_minibatch(MeasureRegistry& registry) {
  registry.add("cka_minibatch", "linear CKA averaged over batches of rows",
               [] { return std::make_unique<CkaMinibatch>(); });
}

}  // namespace hypercast::similarity
