// Every kernel of every instruction set that this processor has, against sums in double (long double for
// kernels in double) on random numbers, with odd sizes, in buffers whose unused places hold NaN.

#include "nn/kernels/kernels.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <span>

#include "core/buffer.hpp"
#include "core/random.hpp"

using namespace hypercast;
using namespace hypercast::nn;

namespace {

std::vector<Isa> isas() {
  std::vector<Isa> all;
  for (const Isa isa : {Isa::portable, Isa::v2, Isa::v3, Isa::v4})
    if (has_isa(isa)) all.push_back(isa);
  return all;
}

// A matrix with rows `gap` further apart than they are long, between and behind them NaN.
template <class Real>
struct Padded {
  std::size_t rows, columns, stride;
  Buffer<Real> values;
  Padded(std::size_t r, std::size_t c, std::size_t gap, std::uint32_t stream)
      : rows(r), columns(c), stride(c + gap), values(r * stride, NAN) {
    const Random random(11, Random::Purpose::test, stream);
    for (std::size_t i = 0; i < r; ++i)
      for (std::size_t j = 0; j < c; ++j)
        values[i * stride + j] = static_cast<Real>(random.normal(i * c + j));
  }
  Real at(std::size_t i, std::size_t j) const { return values[i * stride + j]; }
  ConstRows<Real> view() const { return {values.data(), stride}; }
  Rows<Real> out() { return {values.data(), stride}; }
  // Nothing was written outside.
  void expect_untouched(const std::string& what) const {
    for (std::size_t i = 0; i < values.size(); ++i) {
      const bool inside = i / stride < rows && i % stride < columns;
      ASSERT_TRUE(inside || std::isnan(values[i])) << what << " at " << i;
    }
  }
};

template <class Real>
using Wide = std::conditional_t<std::is_same_v<Real, float>, double, long double>;

template <class Real>
void expect_near(Real value, Wide<Real> expected, Wide<Real> size, const std::string& what) {
  ASSERT_LE(std::abs(value - expected), 4 * std::numeric_limits<Real>::epsilon() * size) << what;
}

struct Size {
  std::size_t rows, depth, columns;
};
const std::vector<Size> sizes = {{1, 1, 1},    {1, 17, 100}, {6, 64, 64}, {15, 2, 17},   {96, 32, 32},
                                 {17, 100, 3}, {5, 9, 80},   {13, 3, 48}, {1023, 1, 17}, {11, 31, 129}};

template <class Real>
class Products : public testing::Test {
 protected:
  // start + sum over k of a(i, k) b(k, j), and the size of what was added.
  template <class A, class B>
  static std::pair<Wide<Real>, Wide<Real>> sum(std::size_t depth, Wide<Real> start, A a, B b) {
    Wide<Real> value = start, size = std::abs(start);
    for (std::size_t k = 0; k < depth; ++k) {
      const Wide<Real> term = static_cast<Wide<Real>>(a(k)) * b(k);
      value += term;
      size += std::abs(term);
    }
    return {value, size};
  }
};
using Precisions = testing::Types<float, double>;
TYPED_TEST_SUITE(Products, Precisions);

}  // namespace

TYPED_TEST(Products, MultiplyAddsToItsStart) {
  using Real = TypeParam;
  for (const Isa isa : isas())
    for (const auto& [m, k, n] : sizes)
      for (const bool transposed : {false, true}) {
        const std::string what = isa_name(isa) + (transposed ? " transposed " : " ") + std::to_string(m) +
                                 "x" + std::to_string(k) + "x" + std::to_string(n);
        const Padded<Real> a(transposed ? k : m, transposed ? m : k, 3, 1), b(k, n, 1, 2);
        Padded<Real> c(m, n, 2, 3);
        const auto before = c;
        const auto& kernel = kernels<Real>(isa);
        (transposed ? kernel.multiply_transposed : kernel.multiply)(m, k, n, a.view(), b.view(), c.view(),
                                                                    c.out());
        for (std::size_t i = 0; i < m; ++i)
          for (std::size_t j = 0; j < n; ++j) {
            const auto [value, size] = this->sum(
                k, before.at(i, j), [&](auto p) { return transposed ? a.at(p, i) : a.at(i, p); },
                [&](auto p) { return b.at(p, j); });
            expect_near<Real>(c.at(i, j), value, size, what);
          }
        c.expect_untouched(what);
      }
}

TYPED_TEST(Products, OneRowOrNothingToStartFrom) {
  using Real = TypeParam;
  for (const Isa isa : isas())
    for (const auto& [m, k, n] : sizes) {
      const Padded<Real> a(m, k, 0, 1), b(k, n, 0, 2), bias(1, n, 0, 4);
      Padded<Real> c(m, n, 0, 3), d(m, n, 0, 3);
      kernels<Real>(isa).multiply(m, k, n, a.view(), b.view(), {bias.values.data(), 0}, c.out());
      kernels<Real>(isa).multiply(m, k, n, a.view(), b.view(), {nullptr, 0}, d.out());
      for (std::size_t i = 0; i < m; ++i)
        for (std::size_t j = 0; j < n; ++j) {
          const auto left = [&](auto p) { return a.at(i, p); };
          const auto right = [&](auto p) { return b.at(p, j); };
          const auto [with, size] = this->sum(k, bias.at(0, j), left, right);
          const auto [without, smaller] = this->sum(k, 0, left, right);
          expect_near<Real>(c.at(i, j), with, size, isa_name(isa));
          expect_near<Real>(d.at(i, j), without, smaller, isa_name(isa));
        }
    }
}

TYPED_TEST(Products, ScaledProductsAndTheirSums) {
  using Real = TypeParam;
  for (const Isa isa : isas())
    for (const auto& [m, k, n] : sizes) {
      const Padded<Real> a(m, k, 1, 1), b(k, n, 0, 2), slopes(m, n, 2, 3);
      Padded<Real> c(m, n, 1, 5), sums(1, n, 0, 6);
      const auto before = sums;
      kernels<Real>(isa).multiply_and_scale(m, k, n, a.view(), b.view(), slopes.view(), c.out(),
                                            sums.values.data());
      for (std::size_t j = 0; j < n; ++j) {
        Wide<Real> total = before.at(0, j), size = std::abs(total);
        for (std::size_t i = 0; i < m; ++i) {
          const auto [value, each] = this->sum(
              k, 0, [&](auto p) { return a.at(i, p); }, [&](auto p) { return b.at(p, j); });
          expect_near<Real>(c.at(i, j), value * slopes.at(i, j), each * std::abs(slopes.at(i, j)),
                            isa_name(isa));
          total += c.at(i, j);
          size += std::abs(c.at(i, j));
        }
        expect_near<Real>(sums.at(0, j), total, 10 * size, isa_name(isa));
      }
      c.expect_untouched(isa_name(isa));
      sums.expect_untouched(isa_name(isa));
    }
}

// What comes from main memory gives the bits of what does not; what is fetched beyond the end is not there.
TYPED_TEST(Products, StreamedProductsAreProducts) {
  using Real = TypeParam;
  for (const Isa isa : isas())
    for (const auto& [m, k, n] : sizes) {
      const Padded<Real> a(m, k, 0, 1), b(k, n, 2, 2);
      Padded<Real> c(m, n, 1, 3), d(m, n, 1, 3);
      kernels<Real>(isa).multiply(m, k, n, a.view(), b.view(), {nullptr, 0}, c.out());
      kernels<Real>(isa).multiply_stream(m, k, n, a.values.data(), b.view(), d.out());
      for (std::size_t i = 0; i < m; ++i)
        for (std::size_t j = 0; j < n; ++j) ASSERT_EQ(c.at(i, j), d.at(i, j)) << isa_name(isa);
      d.expect_untouched(isa_name(isa));
    }
}

TYPED_TEST(Products, AdamOfAProductIsTheProductAndThenAdam) {
  using Real = TypeParam;
  const AdamFactors<Real> factors{Real(0.7),  Real(0.9), Real(0.1),  Real(0.99), Real(0.01),
                                  Real(1e-2), Real(1.3), Real(1e-8), Real(1e-4)};
  for (const Isa isa : isas())
    for (const auto& [m, k, n] : sizes) {
      const auto& kernel = kernels<Real>(isa);
      const Padded<Real> a(k, m, 1, 1), b(k, n, 2, 2);
      Padded<Real> g(m, n, 0, 3), w(m, n, 0, 4), mean(m, n, 0, 5), square(m, n, 0, 6);
      for (Real& v : square.values) v *= v;
      auto w2 = w, mean2 = mean, square2 = square;
      kernel.multiply_transposed(m, k, n, a.view(), b.view(), {nullptr, 0}, g.out());
      kernel.adam(m * n, factors, g.values.data(), w.values.data(), mean.values.data(), square.values.data());
      kernel.adam_of_product(m, k, n, a.view(), b.view(), factors, w2.values.data(), mean2.values.data(),
                             square2.values.data(), 64);
      EXPECT_EQ(w.values, w2.values) << isa_name(isa);
      EXPECT_EQ(mean.values, mean2.values) << isa_name(isa);
      EXPECT_EQ(square.values, square2.values) << isa_name(isa);
    }
}

TYPED_TEST(Products, ProjectionsOnFewColumns) {
  using Real = TypeParam;
  for (const Isa isa : isas())
    for (const auto& [m, k, n] : {Size{1, 1, 1}, {15, 17, 2}, {17, 100, 3}, {1023, 64, 4}, {4, 33, 1}}) {
      const Padded<Real> a(m, k, 5, 1), b(n, k, 1, 2), start(1, n, 0, 3);
      Padded<Real> c(m, n, 1, 4);
      kernels<Real>(isa).project(m, k, n, a.view(), b.view(), start.values.data(), c.out());
      for (std::size_t i = 0; i < m; ++i)
        for (std::size_t j = 0; j < n; ++j) {
          const auto [value, size] = this->sum(
              k, start.at(0, j), [&](auto p) { return a.at(i, p); }, [&](auto p) { return b.at(j, p); });
          expect_near<Real>(c.at(i, j), value, size, isa_name(isa));
        }
      c.expect_untouched(isa_name(isa));
    }
}

// What a rank computes must not depend on which rows it was given, or where they stand.
TYPED_TEST(Products, RowsDoNotDependOnTheirNeighbours) {
  using Real = TypeParam;
  for (const Isa isa : isas()) {
    const auto& kernel = kernels<Real>(isa);
    const Padded<Real> a(23, 37, 0, 1), b(37, 41, 7, 2);
    Padded<Real> all(23, 41, 0, 3), one(1, 41, 3, 4), few(23, 3, 0, 3), single(1, 3, 0, 3);
    const Padded<Real> wide(3, 37, 0, 5), zero(1, 3, 0, 6);
    kernel.multiply(23, 37, 41, a.view(), b.view(), {nullptr, 0}, all.out());
    kernel.project(23, 37, 3, a.view(), wide.view(), zero.values.data(), few.out());
    for (std::size_t i = 0; i < 23; ++i) {
      const ConstRows<Real> row{a.values.data() + i * a.stride, a.stride};
      kernel.multiply(1, 37, 41, row, b.view(), {nullptr, 0}, one.out());
      for (std::size_t j = 0; j < 41; ++j) ASSERT_EQ(one.at(0, j), all.at(i, j)) << isa_name(isa);
      kernel.project(1, 37, 3, row, wide.view(), zero.values.data(), single.out());
      for (std::size_t j = 0; j < 3; ++j) ASSERT_EQ(single.at(0, j), few.at(i, j)) << isa_name(isa);
    }
  }
}

TYPED_TEST(Products, SameBitsWithAvx2AndAvx512) {
  using Real = TypeParam;
  if (!has_isa(Isa::v4)) return;
  const auto &three = kernels<Real>(Isa::v3), &four = kernels<Real>(Isa::v4);
  for (const auto& [m, k, n] : sizes) {
    const Padded<Real> a(m, k, 0, 1), t(k, m, 0, 1), b(k, n, 0, 2), rows(n, k, 0, 2), slopes(m, n, 0, 5);
    Padded<Real> c3(m, n, 0, 3), c4(m, n, 0, 3), s3(1, n, 0, 4), s4(1, n, 0, 4);
    const auto expect_same = [&](const char* what) {
      for (std::size_t i = 0; i < m * n; ++i) ASSERT_EQ(c3.values[i], c4.values[i]) << what;
      for (std::size_t j = 0; j < n; ++j) ASSERT_EQ(s3.values[j], s4.values[j]) << what;
    };
    three.multiply(m, k, n, a.view(), b.view(), c3.view(), c3.out());
    four.multiply(m, k, n, a.view(), b.view(), c4.view(), c4.out());
    expect_same("multiply");
    three.multiply_transposed(m, k, n, t.view(), b.view(), c3.view(), c3.out());
    four.multiply_transposed(m, k, n, t.view(), b.view(), c4.view(), c4.out());
    expect_same("multiply_transposed");
    three.multiply_and_scale(m, k, n, a.view(), b.view(), slopes.view(), c3.out(), s3.values.data());
    four.multiply_and_scale(m, k, n, a.view(), b.view(), slopes.view(), c4.out(), s4.values.data());
    expect_same("multiply_and_scale");
    three.project(m, k, n, a.view(), rows.view(), s3.values.data(), c3.out());
    four.project(m, k, n, a.view(), rows.view(), s4.values.data(), c4.out());
    expect_same("project");
  }
  Buffer<Real> x(1003), v3(x.size()), v4(x.size()), d3(x.size()), d4(x.size());
  const Random random(11, Random::Purpose::test, 9);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<Real>(20 * random.normal(i));
  for (std::size_t f = 0; f < activation_count; ++f) {
    three.activate[f](x.size(), x.data(), v3.data(), d3.data());
    four.activate[f](x.size(), x.data(), v4.data(), d4.data());
    EXPECT_EQ(v3, v4) << activation_names()[f];
    EXPECT_EQ(d3, d4) << activation_names()[f];
    three.values[f](x.size(), x.data(), v3.data());
    four.values[f](x.size(), x.data(), v4.data());
    EXPECT_EQ(v3, v4) << activation_names()[f];
  }
}

namespace {

// In units in the last place of the result.
double error(float value, double expected) {
  const float near = std::abs(static_cast<float>(expected));
  const double unit = std::nextafter(near, std::numeric_limits<float>::infinity()) - near;
  return std::abs(value - expected) / std::max(unit, 1e-38);
}

struct Exact {
  double value, slope;
};
Exact exact(const std::string& name, double x) {
  if (name == "sine") return {std::sin(x), std::cos(x)};
  if (name == "tanh") return {std::tanh(x), 1 / std::pow(std::cosh(x), 2)};
  if (name == "relu") return {std::max(x, 0.0), x > 0 ? 1.0 : 0.0};
  if (name == "identity") return {x, 1};
  if (name == "silu") {
    const double s = 1 / (1 + std::exp(-x));
    return {x * s, s + x * s * (1 - s)};
  }
  const double phi = std::erfc(-x / std::sqrt(2.0)) / 2;
  return {x * phi, phi + x * std::exp(-x * x / 2) / std::sqrt(2 * M_PI)};
}

}  // namespace

TEST(Activations, FloatSineIsWithinTwoUnitsInTheLastPlaceUpToTenThousand) {
  // Random numbers, and those next to multiples of pi / 2, where the reduction of the argument matters.
  Buffer<float> x;
  const Random random(11, Random::Purpose::test, 10);
  for (int i = 0; i < 200000; ++i) x.push_back(static_cast<float>(1e4 * (2 * random.uniform(i) - 1)));
  for (int q = 0; q * M_PI / 2 < 1e4; ++q) {
    const auto near = static_cast<float>(q * M_PI / 2);
    for (const float to : {0.0f, 2e4f}) x.push_back(std::nextafter(near, to));
    x.push_back(near);
    x.push_back(-near);
  }
  Buffer<float> value(x.size()), slope(x.size()), alone(x.size());
  for (const Isa isa : isas()) {
    const auto f = static_cast<std::size_t>(Activation::sine);
    kernels<float>(isa).activate[f](x.size(), x.data(), value.data(), slope.data());
    kernels<float>(isa).values[f](x.size(), x.data(), alone.data());
    double worst = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double at = x[i];
      worst = std::max({worst, error(value[i], std::sin(at)), error(slope[i], std::cos(at)),
                        error(alone[i], std::sin(at))});
    }
    EXPECT_LE(worst, 2) << isa_name(isa);
  }
}

TEST(Activations, FloatFunctionsAreThoseOfTheLibrary) {
  Buffer<float> x;
  for (int i = -4000; i <= 4000; ++i) x.push_back(0.005f * static_cast<float>(i));
  Buffer<float> value(x.size()), slope(x.size());
  for (const Isa isa : isas())
    for (std::size_t f = 0; f < activation_count; ++f) {
      const std::string name = activation_names()[f];
      kernels<float>(isa).activate[f](x.size(), x.data(), value.data(), slope.data());
      for (std::size_t i = 0; i < x.size(); ++i) {
        const auto [v, d] = exact(name, x[i]);
        ASSERT_NEAR(value[i], v, 5e-7 * std::max(1.0, std::abs(v)))
            << isa_name(isa) << " " << name << " " << x[i];
        ASSERT_NEAR(slope[i], d, 1e-6) << isa_name(isa) << " " << name << " " << x[i];
      }
    }
}

TEST(Activations, DoubleFunctionsAreThoseOfTheLibrary) {
  Buffer<double> x;
  for (int i = -4000; i <= 4000; ++i) x.push_back(0.005 * i);
  Buffer<double> value(x.size()), slope(x.size());
  for (const Isa isa : isas())
    for (std::size_t f = 0; f < activation_count; ++f) {
      const std::string name = activation_names()[f];
      kernels<double>(isa).activate[f](x.size(), x.data(), value.data(), slope.data());
      for (std::size_t i = 0; i < x.size(); ++i) {
        const auto [v, d] = exact(name, x[i]);
        ASSERT_NEAR(value[i], v, 1e-15 * std::max(1.0, std::abs(v)))
            << isa_name(isa) << " " << name << " " << x[i];
        ASSERT_NEAR(slope[i], d, 2e-15) << isa_name(isa) << " " << name << " " << x[i];
      }
    }
}

// An element's bits do not depend on its place, and lonely ones at the end are no worse.
TEST(Activations, ElementsDoNotDependOnTheirPlace) {
  Buffer<float> x(61), value(61), slope(61);
  const Random random(11, Random::Purpose::test, 12);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(3 * random.normal(i));
  for (const Isa isa : isas())
    for (std::size_t f = 0; f < activation_count; ++f) {
      kernels<float>(isa).activate[f](x.size(), x.data(), value.data(), slope.data());
      for (std::size_t i = 0; i < x.size(); ++i) {
        float one = 0, its = 0;
        kernels<float>(isa).activate[f](1, &x[i], &one, &its);
        ASSERT_EQ(one, value[i]) << isa_name(isa) << " " << activation_names()[f];
        ASSERT_EQ(its, slope[i]) << isa_name(isa) << " " << activation_names()[f];
      }
    }
}
