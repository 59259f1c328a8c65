#include "forecast/galerkin/weight_space.hpp"

#include <algorithm>

namespace hypercast::forecast {

WeightSpace::WeightSpace(const hyper::Inr<double>& inr, std::span<const double> theta, std::size_t first)
    : inr_(inr),
      jacobian_(inr),
      first_(first),
      theta_(theta.begin(), theta.end()),
      direction_(theta.size()) {}

std::span<const double> WeightSpace::whole(std::span<const double> q) {
  std::copy(q.begin(), q.end(), theta_.begin() + static_cast<std::ptrdiff_t>(first_));
  return theta_;
}

void WeightSpace::weights(std::span<const double> q, std::span<double> theta) const {
  std::copy(theta_.begin(), theta_.begin() + static_cast<std::ptrdiff_t>(first_), theta.begin());
  std::copy(q.begin(), q.end(), theta.begin() + static_cast<std::ptrdiff_t>(first_));
}

void WeightSpace::field(std::span<const double> q, std::span<const double> x, std::span<double> u) {
  inr_.evaluate(whole(q), x, u);
}

void WeightSpace::jacobian(std::span<const double> q, std::span<const double> x, std::span<double> rows) {
  if (first_ == 0) return jacobian_.rows(whole(q), x, rows);
  if (first_ == inr_.hidden()) return jacobian_.readout_rows(whole(q), x, rows);
  const std::size_t all = theta_.size(), n = unknowns(), c = channels(), points = x.size() / inputs();
  for (std::size_t at = 0; at < points; at += hyper::point_block) {
    const std::size_t some = std::min(hyper::point_block, points - at);
    rows_.resize(some * c * all);
    jacobian_.rows(whole(q), x.subspan(at * inputs(), some * inputs()), rows_);
    for (std::size_t i = 0; i < some * c; ++i)
      std::copy_n(rows_.data() + i * all + first_, n, rows.data() + (at * c + i) * n);
  }
}

void WeightSpace::multiply(std::span<const double> q, std::span<const double> x, std::span<const double> v,
                           std::span<double> out) {
  std::fill(direction_.begin(), direction_.end(), 0.0);
  std::copy(v.begin(), v.end(), direction_.begin() + static_cast<std::ptrdiff_t>(first_));
  jacobian_.multiply(whole(q), x, direction_, out);
}

void WeightSpace::multiply_transposed(std::span<const double> q, std::span<const double> x,
                                      std::span<const double> r, std::span<double> out) {
  std::fill(direction_.begin(), direction_.end(), 0.0);
  jacobian_.multiply_transposed(whole(q), x, r, direction_);
  std::copy(direction_.begin() + static_cast<std::ptrdiff_t>(first_), direction_.end(), out.begin());
}

}  // namespace hypercast::forecast
