#pragma once
// Features for tests of similarity: a pair whose scores are published, made-up ones, maps of their columns,
// and the sums of a pair's kernels in the plainest way, from whole n x n matrices on one rank.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <random>
#include <utility>
#include <vector>

#include "core/buffer.hpp"
#include "core/error.hpp"
#include "core/random.hpp"
#include "similarity/measure.hpp"

namespace golden {

using hypercast::Buffer;
using hypercast::similarity::Kernel;
using hypercast::similarity::KernelPair;

// X [n][width].
struct Features {
  std::size_t n = 0, width = 0;
  Buffer<double> values = Buffer<double>(n * width);
  double& operator()(std::size_t i, std::size_t j) { return values[i * width + j]; }
  double operator()(std::size_t i, std::size_t j) const { return values[i * width + j]; }
};

// Standard normal numbers as NumPy's RandomState(seed).randn draws them: MT19937, two draws for a double, the
// polar method.
class Twister {
 public:
  explicit Twister(std::uint32_t seed) : bits_(seed) {}
  double normal() {
    if (std::exchange(has_spare_, false)) return spare_;
    double a, b, square;
    do {
      a = 2 * uniform() - 1;
      b = 2 * uniform() - 1;
      square = a * a + b * b;
    } while (square >= 1 || square == 0);
    const double f = std::sqrt(-2 * std::log(square) / square);
    spare_ = f * a;
    has_spare_ = true;
    return f * b;
  }

 private:
  double uniform() {
    const auto high = static_cast<double>(bits_() >> 5), low = static_cast<double>(bits_() >> 6);
    return (high * 67108864 + low) / 9007199254740992;
  }
  std::mt19937 bits_;
  double spare_ = 0;
  bool has_spare_ = false;
};

// The demonstration pair of google-research/representation_similarity: X and Y = X + noise, 100 x 10.
inline std::pair<Features, Features> published_pair() {
  Twister twister(1337);
  Features x{100, 10}, y{100, 10};
  for (auto& v : x.values) v = twister.normal();
  for (std::size_t i = 0; i < y.values.size(); ++i) y.values[i] = twister.normal() + x.values[i];
  return {x, y};
}

inline Features normals(std::size_t n, std::size_t width, std::uint32_t stream) {
  const hypercast::Random random(11, hypercast::Random::Purpose::test, stream);
  Features x{n, width};
  for (std::size_t i = 0; i < x.values.size(); ++i) x.values[i] = random.normal(i);
  return x;
}

// --- maps ------------------------------------------------------------------------------------------------

inline Features times(const Features& a, const Features& b) {
  hypercast::check(a.width == b.n, "a product of matrices that do not match");
  Features c{a.n, b.width};
  for (std::size_t i = 0; i < a.n; ++i)
    for (std::size_t k = 0; k < a.width; ++k)
      for (std::size_t j = 0; j < b.width; ++j) c(i, j) += a(i, k) * b(k, j);
  return c;
}

inline Features transposed(const Features& a) {
  Features b{a.width, a.n};
  for (std::size_t i = 0; i < a.n; ++i)
    for (std::size_t j = 0; j < a.width; ++j) b(j, i) = a(i, j);
  return b;
}

// a + factor b.
inline Features sum(Features a, const Features& b, double factor = 1) {
  hypercast::check(a.n == b.n && a.width == b.width, "a sum of features of several sizes");
  for (std::size_t i = 0; i < a.values.size(); ++i) a.values[i] += factor * b.values[i];
  return a;
}

inline Features scaled(Features a, double factor) {
  for (auto& v : a.values) v *= factor;
  return a;
}

// A diag(s).
inline Features with_columns_scaled(Features a, const std::vector<double>& s) {
  for (std::size_t i = 0; i < a.n; ++i)
    for (std::size_t j = 0; j < a.width; ++j) a(i, j) *= s[j];
  return a;
}

// Another offset for every column.
inline Features translated(Features a, double size) {
  for (std::size_t i = 0; i < a.n; ++i)
    for (std::size_t j = 0; j < a.width; ++j) a(i, j) += size * std::cos(1.0 + 2.0 * static_cast<double>(j));
  return a;
}

inline Features centred(Features a) {
  for (std::size_t j = 0; j < a.width; ++j) {
    const double first = a(0, j);
    double mean = 0;
    for (std::size_t i = 0; i < a.n; ++i) mean += (a(i, j) -= first) / static_cast<double>(a.n);
    for (std::size_t i = 0; i < a.n; ++i) a(i, j) -= mean;
  }
  return a;
}

// The columns a.width .. of [A B].
inline Features beside(const Features& a, const Features& b) {
  Features c{a.n, a.width + b.width};
  for (std::size_t i = 0; i < a.n; ++i)
    for (std::size_t j = 0; j < c.width; ++j) c(i, j) = j < a.width ? a(i, j) : b(i, j - a.width);
  return c;
}

inline Features columns(const Features& a, std::size_t begin, std::size_t end) {
  Features c{a.n, end - begin};
  for (std::size_t i = 0; i < a.n; ++i)
    for (std::size_t j = begin; j < end; ++j) c(i, j - begin) = a(i, j);
  return c;
}

// Gram and Schmidt, twice.
inline Features orthonormal(Features a) {
  for (int pass = 0; pass < 2; ++pass)
    for (std::size_t j = 0; j < a.width; ++j) {
      for (std::size_t k = 0; k < j; ++k) {
        double along = 0;
        for (std::size_t i = 0; i < a.n; ++i) along += a(i, k) * a(i, j);
        for (std::size_t i = 0; i < a.n; ++i) a(i, j) -= along * a(i, k);
      }
      double square = 0;
      for (std::size_t i = 0; i < a.n; ++i) square += a(i, j) * a(i, j);
      for (std::size_t i = 0; i < a.n; ++i) a(i, j) /= std::sqrt(square);
    }
  return a;
}

inline Features rotation(std::size_t width, std::uint32_t stream) {
  return orthonormal(normals(width, width, stream));
}

// Columns of one world [n][..] as a model sees them: mixed, moved, and with noise of its own.
inline Features seen(const Features& world, std::size_t width, std::uint32_t stream) {
  const auto features = times(world, normals(world.width, width, stream));
  return translated(sum(features, normals(world.n, width, stream + 1), 0.7), 0.5);
}

// --- kernels ---------------------------------------------------------------------------------------------

inline double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return values.size() % 2 == 1 ? *middle : (*middle + *std::max_element(values.begin(), middle)) / 2;
}

// f(row i, row j) of all pairs of rows, [n][n].
template <class Of>
std::vector<double> of_pairs(const Features& x, Of f) {
  std::vector<double> k(x.n * x.n);
  for (std::size_t i = 0; i < x.n; ++i)
    for (std::size_t j = 0; j <= i; ++j)
      k[i * x.n + j] = k[j * x.n + i] = f(&x.values[i * x.width], &x.values[j * x.width]);
  return k;
}

inline std::vector<double> squared_distances(const Features& x) {
  return of_pairs(x, [&](const double* a, const double* b) {
    double sum = 0;
    for (std::size_t j = 0; j < x.width; ++j) sum += (a[j] - b[j]) * (a[j] - b[j]);
    return sum;
  });
}

// 2 t^2 m of a Gaussian kernel; 0 of the linear one.
inline double scale_of(const Features& x, const Kernel& kernel) {
  if (kernel.kind == Kernel::Kind::linear) return 0;
  return 2 * kernel.bandwidth * kernel.bandwidth * median(squared_distances(centred(x)));
}

// H K H [n][n], of a Gaussian kernel with this scale.
inline std::vector<double> centred_kernel(const Features& given, const Kernel& kernel, double scale) {
  const Features x = centred(given);
  if (kernel.kind == Kernel::Kind::linear)
    return of_pairs(
        x, [&](const double* a, const double* b) { return std::inner_product(a, a + x.width, b, 0.0); });
  auto k = squared_distances(x);
  for (auto& v : k) v = scale > 0 ? std::exp(-v / scale) : 1;
  const auto n = static_cast<double>(x.n);
  std::vector<double> means(x.n);
  for (std::size_t i = 0; i < x.n; ++i) means[i] = std::accumulate(&k[i * x.n], &k[i * x.n] + x.n, 0.0) / n;
  const double mean = std::accumulate(means.begin(), means.end(), 0.0) / n;
  for (std::size_t i = 0; i < x.n; ++i)
    for (std::size_t j = 0; j < x.n; ++j) k[i * x.n + j] += mean - (means[i] + means[j]);
  return k;
}

// Of centred kernels k of X and l of Y, [n][n].
inline KernelPair kernel_sums(std::size_t n, const std::vector<double>& k, const std::vector<double>& l) {
  KernelPair sums{.n = static_cast<std::int64_t>(n)};
  for (std::size_t i = 0; i < k.size(); ++i) {
    sums.inner += k[i] * l[i];
    sums.inner_x += k[i] * k[i];
    sums.inner_y += l[i] * l[i];
  }
  for (std::size_t i = 0; i < k.size(); i += n + 1) {
    sums.diagonal += k[i] * l[i];
    sums.diagonal_x += k[i] * k[i];
    sums.diagonal_y += l[i] * l[i];
    sums.trace_x += k[i];
    sums.trace_y += l[i];
  }
  return sums;
}

inline KernelPair kernel_sums(const Features& x, const Features& y, const Kernel& kernel) {
  return kernel_sums(x.n, centred_kernel(x, kernel, scale_of(x, kernel)),
                     centred_kernel(y, kernel, scale_of(y, kernel)));
}

}  // namespace golden
