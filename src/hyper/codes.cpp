#include "hyper/codes.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"

namespace hypercast::hyper {

namespace {

struct Moments {
  std::vector<double> mean, variance;
};

// Of each column of values[rows][columns].
Moments moments(std::span<const float> values, std::size_t columns) {
  Moments m{std::vector<double>(columns), std::vector<double>(columns)};
  const double rows = static_cast<double>(values.size()) / static_cast<double>(columns);
  for (std::size_t at = 0; at < values.size(); at += columns)
    for (std::size_t j = 0; j < columns; ++j) m.mean[j] += values[at + j] / rows;
  for (std::size_t at = 0; at < values.size(); at += columns)
    for (std::size_t j = 0; j < columns; ++j) m.variance[j] += std::pow(values[at + j] - m.mean[j], 2) / rows;
  return m;
}

}  // namespace

CodeSequences CodeSequences::part(std::size_t begin, std::size_t end) const {
  CodeSequences result = *this;
  result.count = end - begin;
  result.codes = codes.subspan(begin * frames * code, result.count * frames * code);
  result.mu = mu.subspan(begin * parameters, result.count * parameters);
  return result;
}

CodeScaling CodeScaling::of(const CodeSequences& sequences) {
  const std::size_t d = sequences.code;
  check(sequences.codes.size() == sequences.count * sequences.frames * d && !sequences.codes.empty(),
        "code sequences do not match their shape");
  check(sequences.mu.size() == sequences.count * sequences.parameters, "parameters do not match sequences");
  CodeScaling result;
  const auto codes = moments(sequences.codes, d);
  result.mean = codes.mean;
  double total = 0;
  for (const double v : codes.variance) total += v;
  result.scale = total > 0 ? std::sqrt(total / static_cast<double>(d)) : 1;
  for (const double v : codes.variance) result.deviation.push_back(std::sqrt(v) / result.scale);
  for (std::size_t at = 0; at < sequences.codes.size(); at += d) {
    double square = 0;
    for (std::size_t j = 0; j < d; ++j)
      square += std::pow((sequences.codes[at + j] - result.mean[j]) / result.scale, 2);
    result.largest_norm = std::max(result.largest_norm, std::sqrt(square));
  }
  if (sequences.parameters == 0) return result;
  const auto mu = moments(sequences.mu, sequences.parameters);
  result.mu_mean = mu.mean;
  for (std::size_t i = 0; i < sequences.parameters; ++i) {
    const double deviation = std::sqrt(mu.variance[i]);
    result.mu_scale.push_back(deviation > 1e-6 * std::abs(mu.mean[i]) ? deviation : 1);
  }
  return result;
}

template <class Real>
void CodeScaling::scaled(std::span<const Real> z, std::span<Real> y) const {
  for (std::size_t i = 0; i < z.size(); ++i) y[i] = static_cast<Real>((z[i] - mean[i % code()]) / scale);
}

template <class Real>
void CodeScaling::restored(std::span<const Real> y, std::span<Real> z) const {
  for (std::size_t i = 0; i < y.size(); ++i) z[i] = static_cast<Real>(mean[i % code()] + scale * y[i]);
}

template <class Real>
void CodeScaling::scaled_mu(std::span<const Real> mu, std::span<Real> out) const {
  for (std::size_t i = 0; i < mu.size(); ++i) {
    const std::size_t j = i % parameters();
    out[i] = static_cast<Real>((mu[i] - mu_mean[j]) / mu_scale[j]);
  }
}

template void CodeScaling::scaled(std::span<const float>, std::span<float>) const;
template void CodeScaling::scaled(std::span<const double>, std::span<double>) const;
template void CodeScaling::restored(std::span<const float>, std::span<float>) const;
template void CodeScaling::restored(std::span<const double>, std::span<double>) const;
template void CodeScaling::scaled_mu(std::span<const float>, std::span<float>) const;
template void CodeScaling::scaled_mu(std::span<const double>, std::span<double>) const;

}  // namespace hypercast::hyper
