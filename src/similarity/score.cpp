#include "similarity/score.hpp"

#include <algorithm>
#include <cmath>

namespace hypercast::similarity {

Score within(double value, double lower, double upper, Status status) {
  if (!std::isfinite(value)) return undefined(Status::not_finite);
  constexpr double rounding = 1e-12;
  const double inside = std::clamp(value, lower, upper);
  return {inside, std::abs(value - inside) > rounding ? Status::clipped : status};
}

}  // namespace hypercast::similarity
