#include "similarity/measure.hpp"

namespace hypercast::similarity {

double unbiased_hsic(std::int64_t n, double inner, double diagonal, double trace_x, double trace_y) {
  const auto m = static_cast<double>(n);
  return (inner - m / (m - 2) * diagonal + trace_x * trace_y / ((m - 1) * (m - 2))) / (m * (m - 3));
}

MeasureRegistry measure_registry() {
  MeasureRegistry registry("measure of similarity");
  register_measures(registry);
  return registry;
}

}  // namespace hypercast::similarity
