// Random numbers of published data sets: numbers that others have published are met.

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "pde/twister.hpp"

namespace hypercast::pde {
namespace {

// The 10000th number that the standard demands of mt19937, and NumPy's legacy generator of seed 0.
TEST(Twister, DrawsAsOthersDo) {
  std::mt19937 g(5489);
  g.discard(9999);
  EXPECT_EQ(g(), 4123659995u);
  std::mt19937 numpy(0);
  EXPECT_EQ(uniform53(numpy), 0.5488135039273248);
  EXPECT_EQ(uniform53(numpy), 0.7151893663724195);
  std::mt19937 torch(0);
  EXPECT_EQ(uniform24(torch), (2357136044u & 0xffffff) / 16777216.0f);
  EXPECT_THROW(masked(torch, 48), Error);
}

TEST(Twister, NormalNumbersOfTheCheckTable) {
  const struct {
    std::uint32_t seed;
    std::complex<double> xi[3];
  } rows[] = {{0, {{-0.796089, -0.814842}, {-0.177186, -0.306799}, {0.600129, 0.489324}}},
              {2147483647, {{1.108292, -0.167791}, {-0.019364, -0.778369}, {0.202149, -0.020961}}}};
  for (const auto& row : rows) {
    std::mt19937 g(row.seed);
    const auto xi = complex_normals(g, 64 * 64);
    for (int k = 0; k < 3; ++k)
      EXPECT_LT(std::abs(std::complex<double>(xi[k]) - row.xi[k]), 1e-6) << row.seed << " " << k;
  }
}

}  // namespace
}  // namespace hypercast::pde
