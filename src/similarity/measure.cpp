#include "similarity/measure.hpp"

namespace hypercast::similarity {

double unbiased_hsic(std::int64_t n, double inner, double diagonal, double trace_x, double trace_y) {
  const auto m = static_cast<double>(n);
  return (inner - m / (m - 2) * diagonal + trace_x * trace_y / ((m - 1) * (m - 2))) / (m * (m - 3));
}

Score cka(const KernelPair& pair) { return cosine(pair.inner, pair.inner_x, pair.inner_y, 0); }

Score debiased_cka(const KernelPair& pair) {
  if (pair.n < 4) return undefined(Status::too_few_rows);
  const auto n = static_cast<double>(pair.n);
  // HSIC_1 of a kernel with itself; 0 where its terms cancel but for rounding.
  const auto square = [&](double inner, double diagonal, double trace) {
    const double hsic = unbiased_hsic(pair.n, inner, diagonal, trace, trace);
    return hsic > 1e-12 * inner / (n * (n - 3)) ? hsic : 0;
  };
  return cosine(unbiased_hsic(pair.n, pair.inner, pair.diagonal, pair.trace_x, pair.trace_y),
                square(pair.inner_x, pair.diagonal_x, pair.trace_x),
                square(pair.inner_y, pair.diagonal_y, pair.trace_y), -1);
}

MeasureRegistry measure_registry() {
  MeasureRegistry registry("measure of similarity");
  register_measures(registry);
  return registry;
}

std::string Measure::parameters() {
  Section section("");
  describe(section);
  std::string text;
  for (const auto& key : section.keys())
    text += (text.empty() ? "" : ", ") + key.name() + " = " + key.value_text();
  return text;
}

}  // namespace hypercast::similarity
