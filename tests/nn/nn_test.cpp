#include <gtest/gtest.h>

#include <cmath>
#include <complex>

#include "core/buffer.hpp"
#include "gradient_check.hpp"
#include "nn/adam.hpp"
#include "nn/dmd.hpp"
#include "nn/kernels/kernels.hpp"
#include "nn/mlp.hpp"
#include "nn/packed.hpp"

using namespace hypercast;
using namespace hypercast::nn;

namespace {

Buffer<double> normals(std::size_t count, std::uint32_t stream) {
  Buffer<double> values(count);
  const Random random(3, Random::Purpose::test, stream);
  for (std::size_t i = 0; i < count; ++i) values[i] = random.normal(i);
  return values;
}

// sum of y * c for fixed random c: a loss with dL/dy = c.
double weighted_output(const Function<double>& f, std::span<const double> w, std::span<const double> x,
                       std::span<const double> c) {
  Buffer<double> y(c.size()), tape(f.tape_size(x.size() / f.inputs()));
  Packed<double> packed(f);
  f.forward(packed.pack(w), x, y, tape);
  double sum = 0;
  for (std::size_t i = 0; i < y.size(); ++i) sum += y[i] * c[i];
  return sum;
}

}  // namespace

TEST(GradientCheck, SeesWrongAndMissingNumbers) {
  const auto loss = [](std::span<const double> v) { return v[0] * v[0] + 3 * v[1]; };
  const std::vector<double> at = {2, 1};
  EXPECT_LT(gradient_error(loss, at, std::vector<double>{4, 3}), 1e-10);
  EXPECT_GT(gradient_error(loss, at, std::vector<double>{4, 2.9}), 1e-3);
  EXPECT_TRUE(std::isinf(gradient_error(loss, at, std::vector<double>{4, NAN})));
  EXPECT_TRUE(std::isinf(gradient_error(loss, at, std::vector<double>{INFINITY, 3})));
  const auto broken = [](std::span<const double> v) { return v[0] > 2 ? NAN : v[0]; };
  EXPECT_TRUE(std::isinf(gradient_error(broken, at, std::vector<double>{1, 0})));
}

// values and slopes of an activation
template <class Real>
void activate(Activation activation, std::span<const Real> x, std::span<Real> values,
              std::span<Real> slopes) {
  kernels<Real>().activate[static_cast<std::size_t>(activation)](x.size(), x.data(), values.data(),
                                                                 slopes.data());
}

class MlpGradient : public testing::TestWithParam<Activation> {};

TEST_P(MlpGradient, MatchesFiniteDifferencesInWeightsAndInputs) {
  const Mlp<double> f({{3, 7, GetParam(), 1.5}, {7, 5, GetParam(), 0.8}, {5, 2, Activation::identity, 1}});
  Buffer<double> w(f.params());
  f.initialise(w, Random(1, Random::Purpose::test));
  const auto x = normals(3 * 6, 1), c = normals(2 * 6, 2);
  Buffer<double> y(c.size()), tape(f.tape_size(6)), dw(w.size()), dx(x.size());
  Packed<double> packed(f);
  f.forward(packed.pack(w), x, y, tape);
  f.backward(packed.weights(), x, tape, c, packed.begin_gradient(dw), dx);
  packed.end_gradient(dw);
  EXPECT_LT(gradient_error([&](auto v) { return weighted_output(f, v, x, c); }, w, dw), 1e-8);
  EXPECT_LT(gradient_error([&](auto v) { return weighted_output(f, w, v, c); }, x, dx), 1e-8);
}

// By rows and by columns, against the plain implementation through backward().
TEST_P(MlpGradient, JacobianByRowsAndColumns) {
  const Mlp<double> f({{3, 7, GetParam(), 1.5}, {7, 5, GetParam(), 0.8}, {5, 2, Activation::identity, 1}});
  Buffer<double> w(f.params());
  f.initialise(w, Random(1, Random::Purpose::test));
  const auto x = normals(3 * 6, 1), c = normals(2 * 6, 2), v = normals(f.params(), 3);
  Buffer<double> y(c.size()), tape(f.tape_size(6)), rows(6 * w.size()), plain_rows(rows.size()), dy(c.size()),
      plain_dy(c.size());
  Packed<double> packed(f);
  f.forward(packed.pack(w), x, y, tape);
  f.backward_rows(w, x, tape, c, rows);
  f.tangent(w, x, v, tape, dy);
  f.Function<double>::backward_rows(w, x, {}, c, plain_rows);
  f.Function<double>::tangent(w, x, v, {}, plain_dy);
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_NEAR(rows[i], plain_rows[i], 1e-13);
  for (std::size_t i = 0; i < dy.size(); ++i) EXPECT_NEAR(dy[i], plain_dy[i], 1e-12);
}

INSTANTIATE_TEST_SUITE_P(Activations, MlpGradient,
                         testing::Values(Activation::identity, Activation::sine, Activation::tanh,
                                         Activation::gelu, Activation::silu, Activation::relu));

TEST(Mlp, BlocksTileTheParameters) {
  const Mlp<float> f({{2, 4, Activation::sine, 5}, {4, 3, Activation::identity, 1}});
  std::size_t next = 0;
  for (const auto& block : f.blocks()) {
    EXPECT_EQ(block.offset, next) << block.name;
    next += block.size();
  }
  EXPECT_EQ(next, f.params());
  EXPECT_EQ(f.params(), 2u * 4 + 4 + 4 * 3 + 3);
}

TEST(Mlp, BackwardAddsToTheWeightGradient) {
  const Mlp<double> f({{1, 2, Activation::tanh, 1}});
  const auto w = normals(f.params(), 4), x = normals(3, 5), c = normals(6, 6);
  Buffer<double> y(6), tape(f.tape_size(3)), once(w.size()), twice(w.size());
  Packed<double> packed(f);
  for (auto* dw : {&once, &twice, &twice}) {
    f.forward(packed.pack(w), x, y, tape);
    f.backward(packed.weights(), x, tape, c, packed.begin_gradient(*dw), {});
    packed.end_gradient(*dw);
  }
  for (std::size_t i = 0; i < w.size(); ++i) EXPECT_DOUBLE_EQ(twice[i], 2 * once[i]);
}

TEST(Activation, FloatSineIsWithinTwoUlpAndIndependentOfThePlace) {
  Buffer<float> z(20001), a(z.size()), d(z.size());
  for (std::size_t i = 0; i < z.size(); ++i) z[i] = -1000.0f + 0.1f * static_cast<float>(i);
  activate<float>(Activation::sine, z, a, d);
  double worst = 0;
  for (std::size_t i = 0; i < z.size(); ++i) {
    worst = std::max(worst, std::abs(a[i] - std::sin(double(z[i]))));
    worst = std::max(worst, std::abs(d[i] - std::cos(double(z[i]))));
  }
  EXPECT_LT(worst, 1.5e-7);
  for (std::size_t i : {0u, 7u, 20000u}) {
    float one = z[i], sine, slope;
    activate<float>(Activation::sine, std::span(&one, 1), std::span(&sine, 1), std::span(&slope, 1));
    EXPECT_EQ(sine, a[i]);
    EXPECT_EQ(slope, d[i]);
  }
}

TEST(Activation, DoubleSineIsThatOfTheLibrary) {
  std::vector<double> z, a(100000), d(100000);
  for (int i = 0; i < 100000; ++i) z.push_back(std::sinh(0.0005 * (i - 50000)) * 1e-5);  // up to 3.6e5
  activate<double>(Activation::sine, z, a, d);
  for (std::size_t i = 0; i < z.size(); ++i) {
    EXPECT_NEAR(a[i], std::sin(z[i]), 2.3e-16) << z[i];
    EXPECT_NEAR(d[i], std::cos(z[i]), 2.3e-16) << z[i];
  }
}

TEST(Activation, FloatSiluHoldsOverTheWholeRangeAndIsIndependentOfThePlace) {
  Buffer<float> z(40001), a(z.size()), d(z.size());
  for (std::size_t i = 0; i < z.size(); ++i) z[i] = -200.0f + 0.01f * static_cast<float>(i);
  activate<float>(Activation::silu, z, a, d);
  for (std::size_t i = 0; i < z.size(); ++i) {
    const double x = z[i], s = 1 / (1 + std::exp(-x));
    EXPECT_NEAR(a[i], x * s, 4e-7 * std::max(1.0, std::abs(x * s))) << x;
    EXPECT_NEAR(d[i], s + x * s * (1 - s), 1e-6) << x;
  }
  for (std::size_t i : {0u, 7u, 20000u, 40000u}) {
    float one = z[i], value, slope;
    activate<float>(Activation::silu, std::span(&one, 1), std::span(&value, 1), std::span(&slope, 1));
    EXPECT_EQ(value, a[i]);
    EXPECT_EQ(slope, d[i]);
  }
}

TEST(Adam, FirstStepsFollowTheDefinition) {
  // Kingma and Ba, algorithm 1, by hand: g = 2 then g = -1.
  Buffer<double> w{1.0}, m{0.0}, v{0.0};
  AdamStep step;
  step.options.epsilon = 0;
  step.rate = 0.1;
  Buffer<double> g{2.0};
  adam<double>(step, 1, g, w, m, v);
  EXPECT_NEAR(w[0], 1 - 0.1, 1e-15);
  g[0] = -4;
  step.number = 2;
  adam<double>(step, 0.25, g, w, m, v);
  const double mean = (0.9 * 0.2 - 0.1) / (1 - 0.81), square = (0.999 * 0.004 + 0.001) / (1 - 0.999 * 0.999);
  EXPECT_NEAR(w[0], 0.9 - 0.1 * mean / std::sqrt(square), 1e-14);
}

TEST(Adam, ScheduleWarmsUpAndCoolsDown) {
  EXPECT_DOUBLE_EQ(cosine_rate(0, 10, 110, 1.0, 0.1), 0.1);
  EXPECT_DOUBLE_EQ(cosine_rate(9, 10, 110, 1.0, 0.1), 1.0);
  EXPECT_DOUBLE_EQ(cosine_rate(60, 10, 110, 1.0, 0.1), 0.55);
  EXPECT_DOUBLE_EQ(cosine_rate(110, 10, 110, 1.0, 0.1), 0.1);
  EXPECT_DOUBLE_EQ(cosine_rate(0, 0, 1, 2.0, 0.1), 2.0);
}

namespace {

// Two damped travelling waves on 40 points: rank 4.
double wave(double x, double t) {
  return std::exp(-0.3 * t) * std::sin(x - 2 * t) + 0.5 * std::exp(-0.1 * t) * std::cos(3 * x + t);
}

void fill_waves(std::span<const double> times, std::vector<double>& snapshots) {
  for (double t : times)
    for (int i = 0; i < 40; ++i) snapshots.push_back(wave(2 * M_PI * i / 40, t));
}

}  // namespace

TEST(Dmd, FindsTheRatesAndExtrapolates) {
  std::vector<double> times, snapshots;
  for (int k = 0; k < 30; ++k)
    if (k % 5 != 2) times.push_back(0.1 * k);  // gaps as in a training split
  fill_waves(times, snapshots);
  const Dmd found = dmd(snapshots, times, {20, 1e-9});
  ASSERT_EQ(found.rates.size(), 4u);
  for (const std::complex<double> expected : {std::complex(-0.3, 2.0), std::complex(-0.1, 1.0)}) {
    double nearest = 1;
    for (const auto& rate : found.rates) nearest = std::min(nearest, std::abs(rate - expected));
    EXPECT_LT(nearest, 1e-9);
  }
  std::vector<double> x(40);
  found.evaluate(7.0, x);
  for (int i = 0; i < 40; ++i) EXPECT_NEAR(x[i], wave(2 * M_PI * i / 40, 7.0), 1e-8);
}

TEST(Dmd, OfNothingIsNothing) {
  std::vector<double> zeros(20), times{0, 1}, x(10, 1.0);
  const Dmd found = dmd(zeros, times, {});
  EXPECT_TRUE(found.rates.empty());
  found.evaluate(3, x);
  for (double value : x) EXPECT_EQ(value, 0);
  EXPECT_TRUE(dmd(std::span(zeros).first(10), std::span(times).first(1), {}).rates.empty());
}
