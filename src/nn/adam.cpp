#include "nn/adam.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "nn/kernels/kernels.hpp"

namespace hypercast::nn {

namespace {

template <class Real>
AdamFactors<Real> factors_of(const AdamStep& step, Real factor) {
  const auto& options = step.options;
  const double first = 1 - std::pow(options.beta1, static_cast<double>(step.number));
  const double second = 1 - std::pow(options.beta2, static_cast<double>(step.number));
  AdamFactors<Real> f;
  f.factor = factor;
  f.beta1 = static_cast<Real>(options.beta1);
  f.rest1 = 1 - f.beta1;
  f.beta2 = static_cast<Real>(options.beta2);
  f.rest2 = 1 - f.beta2;
  f.stride = static_cast<Real>(step.rate / first);
  f.root = static_cast<Real>(1 / std::sqrt(second));
  f.epsilon = static_cast<Real>(options.epsilon);
  f.decay = static_cast<Real>(step.rate * options.weight_decay);
  return f;
}

}  // namespace

template <class Real>
void adam(const AdamStep& step, Real factor, std::span<const Real> gradient, std::span<Real> w,
          std::span<Real> m, std::span<Real> v) {
  kernels<Real>().adam(w.size(), factors_of(step, factor), gradient.data(), w.data(), m.data(), v.data());
}

template <class Real>
void adam_of_product(const AdamStep& step, Real factor, std::size_t depth, ConstRows<Real> a,
                     ConstRows<Real> b, std::size_t columns, std::span<Real> w, std::span<Real> m,
                     std::span<Real> v, std::size_t ahead) {
  kernels<Real>().adam_of_product(w.size() / columns, depth, columns, a, b, factors_of(step, factor),
                                  w.data(), m.data(), v.data(), ahead);
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

template void adam(const AdamStep&, float, std::span<const float>, std::span<float>, std::span<float>,
                   std::span<float>);
template void adam(const AdamStep&, double, std::span<const double>, std::span<double>, std::span<double>,
                   std::span<double>);
template void adam_of_product(const AdamStep&, float, std::size_t, ConstRows<float>, ConstRows<float>,
                              std::size_t, std::span<float>, std::span<float>, std::span<float>, std::size_t);
template void adam_of_product(const AdamStep&, double, std::size_t, ConstRows<double>, ConstRows<double>,
                              std::size_t, std::span<double>, std::span<double>, std::span<double>,
                              std::size_t);
template double norm(std::span<const float>);
template double norm(std::span<const double>);

}  // namespace hypercast::nn
