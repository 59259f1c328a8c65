#include "nn/pod.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/random.hpp"
#include "nn/eigenvectors.hpp"

using namespace hypercast;
using namespace hypercast::nn;

namespace {

// Snapshots u_k = 3 + sum_j 2^{-j/2} z_kj q_j of cosines q_j, whose squares have mean 1, with random z.
struct Made {
  std::size_t count, size;
  int directions;
  Buffer<float> values;

  Made(std::size_t snapshots, std::size_t points, int modes)
      : count(snapshots), size(points), directions(modes), values(snapshots * points) {
    const Random random(5, Random::Purpose::test);
    for (std::size_t k = 0; k < count; ++k)
      for (std::size_t i = 0; i < size; ++i) {
        double u = 3;
        for (int j = 0; j < directions; ++j)
          u += std::exp2(-0.5 * j) * random.normal(k * directions + j) * direction(j, i);
        values[k * size + i] = static_cast<float>(u);
      }
  }
  double direction(int j, std::size_t i) const {
    return std::sqrt(2.0) *
           std::cos(M_PI * (j + 1) * (static_cast<double>(i) + 0.5) / static_cast<double>(size));
  }
  std::vector<std::span<const float>> snapshots() const {
    std::vector<std::span<const float>> all;
    for (std::size_t k = 0; k < count; ++k) all.push_back(std::span(values).subspan(k * size, size));
    return all;
  }
};

double mean_square(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::pow(static_cast<double>(a[i]) - b[i], 2);
  return sum / static_cast<double>(a.size());
}

double worst_orthonormality(const Pod& pod) {
  double worst = 0;
  for (std::size_t j = 0; j < pod.rank(); ++j)
    for (std::size_t k = 0; k <= j; ++k) {
      double sum = 0;
      for (std::size_t i = 0; i < pod.size; ++i)
        sum += pod.modes[j * pod.size + i] * pod.modes[k * pod.size + i];
      worst = std::max(worst, std::abs(sum / static_cast<double>(pod.size) - (j == k)));
    }
  return worst;
}

double error_of(const Pod& pod, const Made& made) {
  std::vector<double> codes(made.count * pod.rank());
  std::vector<float> back(made.values.size());
  pod.encode(made.values, codes);
  pod.decode(codes, back);
  return mean_square(back, made.values);
}

}  // namespace

TEST(Eigenvectors, OfALargeMatrixAreThoseOfItsFactors) {
  // A = Q diag(1/(1 + j)^3) Q^T with reflections Q = I - 2 w w^T.
  const std::size_t n = 700, count = 9;
  std::vector<double> w(n), a(n * n), values(n);
  double norm = 0;
  for (std::size_t i = 0; i < n; ++i) {
    w[i] = Random(1, Random::Purpose::test).normal(i);
    norm += w[i] * w[i];
    values[i] = std::pow(1.0 + static_cast<double>(i), -3);
  }
  const auto q = [&](std::size_t i, std::size_t j) { return (i == j) - 2 * w[i] * w[j] / norm; };
  // Q L Q = L - 2 (w (Lw)^T + (Lw) w^T) / |w|^2 + 4 w (w^T L w) w^T / |w|^4
  double wlw = 0;
  for (std::size_t i = 0; i < n; ++i) wlw += w[i] * w[i] * values[i];
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j)
      a[i * n + j] = j > i ? NAN  // not read
                           : (i == j) * values[i] - 2 * w[i] * w[j] * (values[i] + values[j]) / norm +
                                 4 * w[i] * w[j] * wlw / norm / norm;
  const auto pairs = leading_eigenpairs(a, n, count);
  ASSERT_EQ(pairs.values.size(), count);
  for (std::size_t j = 0; j < count; ++j) {
    EXPECT_NEAR(pairs.values[j] / values[j], 1, 1e-10) << j;
    double along = 0;
    for (std::size_t i = 0; i < n; ++i) along += pairs.vectors[j * n + i] * q(i, j);
    EXPECT_NEAR(std::abs(along), 1, 1e-10) << j;
  }
  EXPECT_EQ(leading_eigenpairs(a, n, count).vectors, pairs.vectors) << "not the same bits twice";
}

// More points than snapshots, the other way round, and sizes for which the decomposition iterates.
class PodOf : public testing::TestWithParam<std::pair<std::size_t, std::size_t>> {};

TEST_P(PodOf, SnapshotsFindsTheirSpace) {
  const auto [count, size] = GetParam();
  const Made made(count, size, 8);
  const Pod found = pod(made.snapshots(), {.max_rank = 8});
  ASSERT_EQ(found.rank(), 8u);
  EXPECT_LT(worst_orthonormality(found), 1e-12);
  EXPECT_TRUE(std::is_sorted(found.singular_values.rbegin(), found.singular_values.rend()));
  EXPECT_LT(error_of(found, made), 1e-11) << "the space is not that of the snapshots";

  // Eckart-Young: what d modes leave out is the sum of the squares of the other singular values.
  const Pod fewer = pod(made.snapshots(), {.max_rank = 5});
  double rest = 0;
  for (int j = 5; j < 8; ++j) rest += std::pow(found.singular_values[j], 2);
  EXPECT_NEAR(error_of(fewer, made) / rest, 1, 1e-3);
  EXPECT_NEAR(fewer.left_out / rest, 1, 1e-3);

  // Codes have mean 0, are uncorrelated, and their mean squares are the squared singular values.
  std::vector<double> codes(made.count * 8);
  found.encode(made.values, codes);
  for (int j = 0; j < 8; ++j)
    for (int l = 0; l <= j; ++l) {
      double sum = 0, mean = 0;
      for (std::size_t k = 0; k < made.count; ++k) {
        sum += codes[k * 8 + j] * codes[k * 8 + l];
        mean += codes[k * 8 + j];
      }
      const auto n = static_cast<double>(made.count);
      EXPECT_NEAR(sum / n, j == l ? std::pow(found.singular_values[j], 2) : 0, 1e-5);
      EXPECT_NEAR(mean / n, 0, 1e-6);
    }
}

INSTANTIATE_TEST_SUITE_P(Sizes, PodOf,
                         testing::Values(std::pair(30, 200), std::pair(200, 30), std::pair(620, 900),
                                         std::pair(900, 620)));

TEST(Pod, LeavesOutWhatIsRounding) {
  const Made made(40, 60, 3);
  EXPECT_LE(pod(made.snapshots(), {.max_rank = 30}).singular_values.size(), 40u);
  const std::vector<float> zeros(20), ones(20, 1.0f);
  const std::vector<std::span<const float>> still = {ones, ones, ones};
  const Pod constant = pod(still, {});
  EXPECT_EQ(constant.rank(), 0u);
  EXPECT_EQ(constant.mean[7], 1.0);
  const Pod plain = pod(still, {.max_rank = 2, .centred = false});
  ASSERT_EQ(plain.rank(), 1u);
  EXPECT_NEAR(plain.modes[0], 1, 1e-12);
  EXPECT_EQ(pod(std::vector<std::span<const float>>{zeros}, {}).rank(), 0u);
}
