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

Score cosine(double xy, double xx, double yy, double lower) {
  if (!std::isfinite(xx) || !std::isfinite(yy)) return undefined(Status::not_finite);
  if (!(xx > 0) || !(yy > 0)) return undefined(Status::zero_variance);
  return within(std::copysign(std::sqrt((xy / xx) * (xy / yy)), xy), lower, 1);
}

Score angle(const Score& cosine) { return {std::acos(cosine.value), cosine.status}; }

}  // namespace hypercast::similarity
