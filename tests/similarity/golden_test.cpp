// Scores that are known: published, computed by hand, or expected of independent features.

#include <gtest/gtest.h>

#include <numbers>

#include "scoring.hpp"

using namespace golden;

TEST(Golden, ThePublishedPair) {
  const auto [x, y] = published_pair();
  ASSERT_EQ(x(0, 0), -0.70318730986241051);
  ASSERT_EQ(y(0, 0), 1.4120962000508448);
  const std::vector<std::tuple<std::string, Keys, double>> published = {
      {"cka", {}, 0.5576132566117588},
      {"cka_debiased", {}, 0.513456489505526},
      {"cka_minibatch", {{"batch", std::int64_t{100}}}, 0.513456489505526},
      {"cka_rbf", {{"bandwidth", 0.5}}, 0.6548311822614982},
      {"cka_rbf", {{"bandwidth", 0.5}, {"debiased", true}}, 0.419276751022052},
      {"angular_cka", {}, std::acos(0.5576132566117588)},
      {"cca", {}, 0.7310139587836586},
      {"cca_r2", {}, 0.5453963321908328},
      {"svcca", {{"kept", 1.0}}, 0.7310139587836586},
      {"procrustes", {}, 0.7362553106058285},
      {"procrustes", {}, 1 - 0.527489378788343 / 2},
      {"angular_shape", {}, 0.7432764761208088},
      {"linreg", {}, 0.5634752416529545},
      {"hsic", {}, 11.878357269185978},
      {"hsic_unbiased", {}, 9.895955787045914},
      {"mutual_knn", {{"neighbours", 10}}, 0.279},
  };
  for (const auto& [name, keys, value] : published) {
    const Score found = score(name, x, y, keys);
    EXPECT_NEAR(found.value, value, 1e-12) << name;
    EXPECT_EQ(found.status, Status::ok) << name;
  }
  EXPECT_NEAR(score("mutual_knn", centred(x), centred(y)).value, 0.287, 1e-12);
}

TEST(Golden, ARotatedScaledAndMovedCopyIsTheSame) {
  const auto x = normals(50, 8, 1);
  const auto y = translated(scaled(times(x, rotation(8, 2)), 3), 1);
  for (const auto& name : {"cka", "cka_debiased", "cka_minibatch", "cka_rbf", "procrustes", "cca", "svcca"})
    EXPECT_NEAR(score(name, x, y).value, 1, 1e-12) << name;
  for (const auto& name : {"angular_cka", "angular_shape"})
    EXPECT_NEAR(score(name, x, y).value, 0, 1e-7) << name;
}

TEST(Golden, AnInvertibleMapIsSeenByCkaButNotByRegression) {
  const auto x = normals(50, 8, 3), w = normals(8, 8, 4);
  const auto y = times(x, w);
  for (const auto& name : {"cca", "cca_r2", "pwcca", "linreg"})
    EXPECT_NEAR(score(name, x, y).value, 1, 1e-12) << name;
  EXPECT_LT(score("cka", x, y).value, 0.99);
  EXPECT_LT(score("procrustes", x, y).value, 0.99);
}

namespace {

// X = U diag(s) A', Y = (U cos th + W sin th) diag(t) B'; [U W] orthonormal and without mean.
struct PrincipalAngles {
  std::vector<double> s = {5, 4, 3, 2, 1, 0.5}, t = {3, 3, 2, 2, 1, 1}, cosines, sines;
  Features x, y;

  PrincipalAngles() {
    const std::size_t n = 40, d = 6;
    for (std::size_t i = 0; i < d; ++i) {
      const double angle = 0.1 + 1.1 * static_cast<double>(i) / 5;
      cosines.push_back(std::cos(angle));
      sines.push_back(std::sin(angle));
    }
    const auto uw = orthonormal(centred(normals(n, 2 * d, 5)));
    const auto u = columns(uw, 0, d), w = columns(uw, d, 2 * d);
    const auto v = sum(with_columns_scaled(u, cosines), with_columns_scaled(w, sines));
    x = times(with_columns_scaled(u, s), transposed(rotation(d, 6)));
    y = times(with_columns_scaled(v, t), transposed(rotation(d, 7)));
  }
};

}  // namespace

TEST(Golden, PrincipalAngles) {
  const PrincipalAngles made;
  EXPECT_NEAR(score("cka", made.x, made.y).value, 0.8851342458550723, 1e-12);
  EXPECT_NEAR(score("procrustes", made.x, made.y).value, 0.8923969200399059, 1e-12);
  EXPECT_NEAR(score("linreg", made.x, made.y).value, 0.8729995438534318, 1e-12);
  // R2(Y given X) = sum t^2 cos^2 / sum t^2: the row is what is explained.
  double explained = 0, all = 0, mean = 0, mean_square = 0;
  for (std::size_t i = 0; i < 6; ++i) {
    explained += std::pow(made.t[i] * made.cosines[i], 2);
    all += std::pow(made.t[i], 2);
    mean += made.cosines[i] / 6;
    mean_square += std::pow(made.cosines[i], 2) / 6;
  }
  EXPECT_NEAR(score("linreg", made.y, made.x).value, explained / all, 1e-12);
  EXPECT_NEAR(score("cca", made.x, made.y).value, mean, 1e-12);
  EXPECT_NEAR(score("cca_r2", made.x, made.y).value, mean_square, 1e-12);
  Buffer<double> u, v;
  const auto of_x = subspace_of(made.x.values, 40, 6, false, 0, u),
             of_y = subspace_of(made.y.values, 40, 6, false, 0, v);
  const auto between = overlap(u, 6, v, 6);
  const auto rho = canonical_correlations(SubspacePair(of_x, of_y, between));
  for (std::size_t i = 0; i < 6; ++i) EXPECT_NEAR(rho[i], made.cosines[i], 1e-12) << i;
}

TEST(Golden, SvccaKeepsAsManyComponentsAsReachTheVariance) {
  const PrincipalAngles made;  // shares of X: 25, 16, 9, 4, 1, .25 of 55.25; of Y: 9, 9, 4, 4, 1, 1 of 28
  const auto mean_of = [&](std::size_t count) {
    return std::accumulate(made.cosines.begin(), made.cosines.begin() + static_cast<std::ptrdiff_t>(count),
                           0.0) /
           static_cast<double>(count);
  };
  const auto kept = [&](double share) { return score("svcca", made.x, made.y, {{"kept", share}}).value; };
  EXPECT_NEAR(kept(1.0), mean_of(6), 1e-12);
  EXPECT_NEAR(kept(0.96), mean_of(4), 1e-12) << "4 of X and 5 of Y";  // 54/55.25 = .977; 27/28 = .964
  EXPECT_NEAR(kept(0.64), mean_of(2), 1e-12) << "2 of each";          // 41/55.25 = .74; 18/28 = .643
}

TEST(Golden, PwccaWeighsCorrelationsByWhatTheyExplain) {
  // With X = U diag(s) as it is, canonical variates are the columns of U and their weights the s.
  PrincipalAngles made;
  const auto uw = orthonormal(centred(normals(40, 12, 5)));
  const auto x = with_columns_scaled(columns(uw, 0, 6), made.s);
  double weighted = 0, all = 0;
  for (std::size_t i = 0; i < 6; ++i) {
    weighted += made.s[i] * made.cosines[i];
    all += made.s[i];
  }
  EXPECT_NEAR(score("pwcca", x, made.y).value, weighted / all, 1e-12);
}

TEST(Golden, OrthogonalSpacesHaveNothingInCommon) {
  const auto q = orthonormal(centred(normals(40, 9, 8)));
  const auto x = times(columns(q, 0, 4), normals(4, 4, 9)), y = times(columns(q, 4, 9), normals(5, 5, 10));
  for (const auto& name : {"cka", "cca", "cca_r2", "svcca", "pwcca", "linreg", "procrustes", "hsic"})
    EXPECT_NEAR(score(name, x, y).value, 0, 1e-12) << name;
  for (const auto& name : {"angular_cka", "angular_shape"})
    EXPECT_NEAR(score(name, x, y).value, std::numbers::pi / 2, 1e-12) << name;
}

// Of independent features, linear CKA tends to d / (n + d), and its unbiased estimate to 0.
TEST(Golden, IndependentFeatures) {
  const std::size_t n = 200;
  for (const std::size_t d : {10, 50, 200, 1000, 5000}) {
    const auto sums = kernel_sums(normals(n, d, 20), normals(n, d, 21), {});
    const double expected = static_cast<double>(d) / static_cast<double>(n + d);
    EXPECT_NEAR(cka(sums).value, expected, 0.021) << d;
    EXPECT_NEAR(debiased_cka(sums).value, 0, 0.021) << d << ": three standard deviations";
  }
}

TEST(Golden, ChanceOfNeighbours) {
  const auto x = normals(400, 20, 22), y = normals(400, 20, 23);
  EXPECT_NEAR(score("mutual_knn", x, y).value, 10.0 / 399, 0.006);
}
