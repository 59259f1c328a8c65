// Inner products of kernels by both routes, for all rows and without groups of them, on any number of ranks.

#include "similarity/kernel_sums.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "golden.hpp"
#include "test_world.hpp"
#include "zoo.hpp"

using namespace hypercast;
using namespace hypercast::similarity;

namespace {

golden::Features features_of(const Rows& rows, std::size_t model) {
  return {static_cast<std::size_t>(rows.count()), rows.widths()[model], whole(rows, model)};
}

// Sums over some rows of x and as many of y, in the plainest way; scales are those that all rows give.
KernelPair plain_sums(const Rows& of_x, const Rows& of_y, const Rows& all, std::size_t x, std::size_t y,
                      const Kernel& kernel) {
  const auto centred = [&](const Rows& some, std::size_t model) {
    return golden::centred_kernel(features_of(some, model), kernel,
                                  golden::scale_of(features_of(all, model), kernel));
  };
  return golden::kernel_sums(static_cast<std::size_t>(of_x.count()), centred(of_x, x), centred(of_y, y));
}

void expect_right(const KernelSums& sums, const Rows& of_x, const Rows& of_y, const Rows& all,
                  const Kernel& kernel, double tolerance) {
  EXPECT_EQ(sums.n, of_x.count());
  for (std::size_t x = 0; x < all.models(); ++x)
    for (std::size_t y = 0; y < all.models(); ++y) {
      const auto pair = sums.pair(x, y), wanted = plain_sums(of_x, of_y, all, x, y, kernel);
      const double size = std::sqrt(wanted.inner_x * wanted.inner_y);
      EXPECT_NEAR(pair.inner, wanted.inner, tolerance * size) << x << " " << y;
      EXPECT_NEAR(pair.inner_x, wanted.inner_x, tolerance * wanted.inner_x);
      EXPECT_NEAR(pair.inner_y, wanted.inner_y, tolerance * wanted.inner_y);
      EXPECT_NEAR(pair.diagonal, wanted.diagonal, tolerance * size);
      EXPECT_NEAR(pair.diagonal_x, wanted.diagonal_x, tolerance * wanted.inner_x);
      EXPECT_NEAR(pair.diagonal_y, wanted.diagonal_y, tolerance * wanted.inner_y);
      EXPECT_NEAR(pair.trace_x, wanted.trace_x, tolerance * wanted.trace_x);
      EXPECT_NEAR(pair.trace_y, wanted.trace_y, tolerance * wanted.trace_y);
    }
}

const std::vector<std::size_t> widths{3, 1, 8, 5};
const Resources single_precision{.single = true};
const Kernel linear{}, gaussian{Kernel::Kind::gaussian, 0.5};

Selected without(const Rows& rows, const Range& group) {
  std::vector<std::int64_t> order;
  for (std::int64_t i = 0; i < rows.count(); ++i)
    if (i < group.begin || i >= group.end) order.push_back(i);
  return {rows, order};
}

std::vector<KernelSums> sums_of(const Context& context, const Rows& rows, const Kernel& kernel,
                                const std::vector<Range>& groups, const Resources& resources = {},
                                std::optional<Route> route = {}) {
  const Centred centred(rows);
  return kernel_sums(context, KernelFeatures(centred, kernel), groups, resources, route);
}

// What one rank gets that owns everything.
std::vector<KernelSums> alone(std::int64_t n, const Kernel& kernel, const std::vector<Range>& groups,
                              Route route, const Resources& resources = {}) {
  const Zoo zoo(MPI_COMM_SELF, n, widths);
  return sums_of(zoo.room.context, zoo.rows, kernel, groups, resources, route);
}

void expect_same(const std::vector<KernelSums>& a, const std::vector<KernelSums>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t g = 0; g < a.size(); ++g) {
    EXPECT_EQ(a[g].inner, b[g].inner) << "set of rows " << g;
    EXPECT_EQ(a[g].diagonal, b[g].diagonal);
    EXPECT_EQ(a[g].trace, b[g].trace);
  }
}

}  // namespace

TEST(KernelSums, AreThoseOfTheDefinitionWithAndWithoutGroups) {
  const Zoo zoo(MPI_COMM_SELF, 90, widths);
  const auto groups = groups_of(90, 4);
  for (const auto& kernel : {linear, gaussian})
    for (const auto route : {Route::tiles, Route::covariances}) {
      if (kernel.kind == Kernel::Kind::gaussian && route == Route::covariances) continue;
      SCOPED_TRACE(route == Route::tiles ? "tiles" : "covariances");
      const auto sums = alone(90, kernel, groups, route);
      ASSERT_EQ(sums.size(), 5u);
      expect_right(sums[0], zoo.rows, zoo.rows, zoo.rows, kernel, 1e-12);
      for (std::size_t g = 0; g < groups.size(); ++g) {
        const auto rest = without(zoo.rows, groups[g]);
        expect_right(sums[1 + g], rest, rest, zoo.rows, kernel, 1e-11);
      }
    }
}

TEST(KernelSums, HaveTheSameBitsOnAnyNumberOfRanks) {
  for (const std::int64_t n : {5, 33, 150}) {
    const Zoo zoo(test_world(), n, widths);
    const auto groups = groups_of(n, 3);
    for (const auto route : {Route::tiles, Route::covariances})
      expect_same(sums_of(zoo.room.context, zoo.rows, linear, groups, {}, route),
                  alone(n, linear, groups, route));
    expect_same(sums_of(zoo.room.context, zoo.rows, gaussian, groups, {}),
                alone(n, gaussian, groups, Route::tiles));
  }
}

TEST(KernelSums, LittleMemoryTakesMoreRounds) {
  const Zoo zoo(test_world(), 200, widths);
  const Resources little{.memory = 4e4};
  for (const auto route : {Route::tiles, Route::covariances}) {
    const auto few = sums_of(zoo.room.context, zoo.rows, linear, {}, little, route);
    const auto many = sums_of(zoo.room.context, zoo.rows, linear, {}, {}, route);
    for (std::size_t i = 0; i < few[0].inner.size(); ++i)
      EXPECT_NEAR(few[0].inner[i] / many[0].inner[i], 1, 1e-12);
    expect_same(few, alone(200, linear, {}, route, little));
  }
}

TEST(KernelSums, ProductsInFloatAreNearlyRight) {
  const Zoo zoo(test_world(), 300, widths);
  for (const auto route : {Route::tiles, Route::covariances}) {
    const auto single = sums_of(zoo.room.context, zoo.rows, linear, {}, single_precision, route);
    const auto exact = sums_of(zoo.room.context, zoo.rows, linear, {}, {}, route);
    for (std::size_t i = 0; i < exact[0].inner.size(); ++i)
      EXPECT_NEAR(single[0].inner[i] / exact[0].inner[i], 1, 1e-5);
    expect_same(single, alone(300, linear, {}, route, single_precision));
  }
}

TEST(KernelSums, OfPermutedRows) {
  const std::int64_t n = 60;
  const Zoo zoo(MPI_COMM_SELF, n, widths), spread(test_world(), n, widths);
  std::vector<std::int64_t> order;
  for (std::int64_t i = 0; i < n; ++i) order.push_back(i * 7 % n);
  for (const auto& kernel : {linear, gaussian})
    for (const auto route : {Route::tiles, Route::covariances}) {
      if (kernel.kind == Kernel::Kind::gaussian && route == Route::covariances) continue;
      const auto permuted = [&](const Zoo& of) {
        const Centred centred(of.rows);
        const KernelFeatures x(centred, kernel);
        const auto known = kernel_sums(of.room.context, x, {}, {}, route)[0];
        return permuted_kernel_sums(of.room.context, x, order, known, {}, route);
      };
      const auto sums = permuted(zoo);
      const Selected other(zoo.rows, order);
      expect_right(sums, zoo.rows, other, zoo.rows, kernel, 1e-12);
      expect_same({permuted(spread)}, {sums});
    }
}

TEST(KernelSums, AnOffsetDoesNotMatter) {
  const Zoo zoo(MPI_COMM_SELF, 80, widths);
  std::vector<std::optional<Store>> moved(widths.size());
  for (std::size_t j = 0; j < widths.size(); ++j) {
    auto values = whole(zoo.rows, j);
    for (double& x : values) x += 1e6;
    moved[j] = stored(values, 80, widths[j]);
  }
  const Stored far(80, widths, zoo.rows.ownership(), std::move(moved));
  const auto a = sums_of(zoo.room.context, zoo.rows, linear, {}, {})[0];
  const auto b = sums_of(zoo.room.context, far, linear, {}, {})[0];
  for (std::size_t i = 0; i < a.inner.size(); ++i) EXPECT_NEAR(b.inner[i] / a.inner[i], 1, 1e-8);
}

TEST(MedianSquaredDistance, CountsTheZerosOfTheDiagonal) {
  // Distances 1, 4, 9 twice each and three zeros: 0 0 0 1 [1] 4 4 9 9.
  const std::vector<double> three{0, 1, 3};
  EXPECT_EQ(median_squared_distance(three, 1), 1);
  // 0 0 1 1
  const std::vector<double> two{0, 1};
  EXPECT_EQ(median_squared_distance(two, 1), 0.5);
}
