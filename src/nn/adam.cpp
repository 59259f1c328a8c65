#include "nn/adam.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace hypercast::nn {

template <class Real>
void adam(const AdamOptions& options, double rate, std::int64_t step, std::span<const Real> gradient,
          std::span<Real> w, std::span<Real> m, std::span<Real> v) {
  const double first = 1 - std::pow(options.beta1, static_cast<double>(step));
  const double second = 1 - std::pow(options.beta2, static_cast<double>(step));
  const Real b1 = static_cast<Real>(options.beta1), b2 = static_cast<Real>(options.beta2);
  const Real c1 = 1 - b1, c2 = 1 - b2;
  const Real stride = static_cast<Real>(rate / first);
  const Real root = static_cast<Real>(1 / std::sqrt(second));
  const Real epsilon = static_cast<Real>(options.epsilon);
  const Real decay = static_cast<Real>(rate * options.weight_decay);
  const Real* g = gradient.data();
  Real *x = w.data(), *mean = m.data(), *square = v.data();
  for (std::size_t i = 0; i < w.size(); ++i) {
    mean[i] = b1 * mean[i] + c1 * g[i];
    square[i] = b2 * square[i] + c2 * g[i] * g[i];
    x[i] -= stride * mean[i] / (std::sqrt(square[i]) * root + epsilon) + decay * x[i];
  }
}

template <class Real>
double norm(std::span<const Real> values) {
  // Eight interleaved sums: a fixed order that still vectorises.
  double lanes[8] = {};
  std::size_t i = 0;
  for (; i + 8 <= values.size(); i += 8)
    for (std::size_t k = 0; k < 8; ++k) lanes[k] += static_cast<double>(values[i + k]) * values[i + k];
  for (; i < values.size(); ++i) lanes[0] += static_cast<double>(values[i]) * values[i];
  double sum = 0;
  for (double lane : lanes) sum += lane;
  return std::sqrt(sum);
}

double cosine_rate(std::int64_t step, std::int64_t warmup, std::int64_t total, double peak, double last) {
  if (step < warmup) return peak * static_cast<double>(step + 1) / static_cast<double>(warmup);
  const auto span = static_cast<double>(std::max<std::int64_t>(1, total - warmup));
  const double progress = std::min(1.0, static_cast<double>(step - warmup) / span);
  return peak * (last + (1 - last) * (1 + std::cos(std::numbers::pi * progress)) / 2);
}

template void adam(const AdamOptions&, double, std::int64_t, std::span<const float>, std::span<float>,
                   std::span<float>, std::span<float>);
template void adam(const AdamOptions&, double, std::int64_t, std::span<const double>, std::span<double>,
                   std::span<double>, std::span<double>);
template double norm(std::span<const float>);
template double norm(std::span<const double>);

}  // namespace hypercast::nn
