// Initial states, masks and seeds of published data sets: numbers that others have published are met.

#include <random>

#include "pde/ensemble.hpp"
#include "pde/initial/dino.hpp"
#include "pde/initial/grid_function.hpp"
#include "pde/observation.hpp"
#include "pde/twister.hpp"
#include "problem.hpp"

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

TEST(DinoRandomField, ValuesOfTheCheckTable) {
  const struct {
    std::uint32_t seed;
    double first[4], deviation;
  } rows[] = {{0, {-0.0254638, -0.0398903, -0.0458006, -0.0484465}, 0.22315},
              {2147483647, {-0.241604, -0.270545, -0.286544, -0.297407}, 0.14052}};
  for (const auto& row : rows) {
    const auto w = dino_random_field(64, 2.5, 7, row.seed);
    for (int j = 0; j < 4; ++j) EXPECT_NEAR(w[j], row.first[j], 1e-6) << row.seed;
    double mean = 0, square = 0;
    for (double value : w) mean += value / 4096;
    for (double value : w) square += (value - mean) * (value - mean) / 4096;
    EXPECT_NEAR(mean, 0, 1e-15);
    EXPECT_NEAR(std::sqrt(square), row.deviation, 1e-5);
  }
}

TEST(DinoGaussian, DrawsOfTheCheckTable) {
  const auto first = draw_dino_bump(64, 0), test = draw_dino_bump(64, 2147483647);
  EXPECT_NEAR(first.radius, 0.27744068, 1e-8);
  EXPECT_NEAR(first.height, 3.43037873, 1e-8);
  EXPECT_EQ(first.shift[0], 3);
  EXPECT_EQ(first.shift[1], 59);
  EXPECT_NEAR(test.radius, 0.26966956, 1e-8);
  EXPECT_NEAR(test.height, 3.31332369, 1e-8);
  EXPECT_EQ(test.shift[0], 25);
  EXPECT_EQ(test.shift[1], 40);
}

TEST(DinoGaussian, IsMovedCyclically) {
  const DinoBump bump{0.3, 2, {3, 59}};
  const auto u = dino_gaussian(64, bump);
  const double corner = 2 * std::exp(-2 / (2 * 0.09)), near = 1.0 / 63;  // entries 31 and 32 are at -+1/63
  EXPECT_DOUBLE_EQ(u[3 * 64 + 59], corner);
  EXPECT_NEAR(u[(31 + 3) * 64 + (31 + 59) % 64], 2 * std::exp(-2 * near * near / 0.18), 1e-15);
  EXPECT_NEAR(u[(32 + 3) * 64 + (31 + 59) % 64], 2 * std::exp(-2 * near * near / 0.18), 1e-15);
  EXPECT_DOUBLE_EQ(u[2 * 64 + 58], corner);  // entry (63, 63)
}

// The interpolant is the only combination of these waves through the points: any such function comes back.
TEST(GridFunction, IsExactForItsWaves) {
  const auto wave = [](const DomainAxis& axis, double x) {
    const double s = (x - axis.lower) / axis.length;
    if (axis.boundary == Boundary::neumann)
      return 0.3 + std::cos(3 * std::numbers::pi * s) - 2 * std::cos(7 * std::numbers::pi * s);
    return 0.2 + std::sin(6 * std::numbers::pi * s) +
           0.5 * std::cos(8 * std::numbers::pi * s);  // the shortest
  };
  for (auto first : {Boundary::periodic, Boundary::neumann})
    for (auto second : {Boundary::periodic, Boundary::neumann}) {
      Domain domain = box(2, 8, first, 2.0);
      domain.axes[0].lower = -1;
      domain.axes[1].boundary = second;
      std::vector<double> values;
      for (int i = 0; i < 8; ++i)
        for (int j = 0; j < 8; ++j)
          values.push_back(wave(domain.axes[0], domain.axes[0].point(i)) *
                           wave(domain.axes[1], domain.axes[1].point(j)));
      GridFunction f(domain, values);
      for (double x : {-1.0, -0.77, 0.013, 0.999})
        for (double y : {0.0, 0.4, 1.9})
          EXPECT_NEAR(f(std::vector{x, y}), wave(domain.axes[0], x) * wave(domain.axes[1], y), 1e-13)
              << to_text(domain) << " " << x << " " << y;
    }
}

TEST(DinoStates, AreTheArrayOnTheDecksGridAndSmoothBetween) {
  const auto system = systems().find("heat").make();
  InitialOptions options;
  options.family = "dino_random_field";
  options.tau = 7;
  for (auto boundary : {Boundary::periodic, Boundary::neumann}) {
    const Domain domain = box(2, 64, boundary, 2.0);
    ASSERT_EQ(initial_complaint(*system, domain, options).text, "");
    const auto state = initial_state(*system, domain, options, 0, {77, 3});
    EXPECT_EQ(sample(domain, state), dino_random_field(64, 2.5, 7, 3)) << to_text(boundary);
    Domain fine = domain;
    for (auto& axis : fine.axes) axis.points = 128;
    const auto all = sample(fine, state), again = sample(fine, state);
    EXPECT_EQ(all, again);
    double sum = 0, square = 0;
    for (double value : all) sum += value / 128 / 128;
    for (double value : all) square += value * value / 128 / 128;
    EXPECT_NEAR(sum, 0, 1e-14);
    double coarse = 0;
    for (double value : sample(domain, state)) coarse += value * value / 64 / 64;
    EXPECT_NEAR(square, coarse, 1e-3 * coarse);
    if (boundary == Boundary::periodic) {  // every second point is one of the deck's
      EXPECT_EQ(all[2 * 128 + 6], sample(domain, state)[64 + 3]);
    }
    options.points = 64;  // a finer deck's grid, the same numbers
    ASSERT_EQ(initial_complaint(*system, fine, options).text, "");
    EXPECT_EQ(sample(fine, initial_state(*system, fine, options, 0, {77, 3})), all);
    options.points = 0;
  }
}

TEST(DinoStates, AreRefusedWhereTheyDoNotFit) {
  const auto system = systems().find("heat").make();
  InitialOptions options;
  options.family = "dino_random_field";
  const Domain good = box(2, 64, Boundary::periodic);
  EXPECT_EQ(initial_complaint(*system, good, options).text, "");
  EXPECT_NE(initial_complaint(*system, box(1, 64, Boundary::periodic), options).text, "");
  EXPECT_NE(initial_complaint(*system, box(2, 64, Boundary::dirichlet), options).text, "");
  EXPECT_NE(initial_complaint(*system, box(2, 62, Boundary::periodic), options).text, "");
  options.points = 62;
  EXPECT_NE(initial_complaint(*system, good, options).text, "");
  options.points = 64;
  EXPECT_EQ(initial_complaint(*system, box(2, 62, Boundary::periodic), options).text, "");
  options.tau = 0;
  EXPECT_EQ(initial_complaint(*system, good, options).key, "tau");
  options.family = "dino_gaussian";  // of two channels
  EXPECT_NE(initial_complaint(*system, good, options).text.find("two channels"), std::string::npos);
}

TEST(Draws, AreThoseOfThePublishedSets) {
  pde::Setup setup;
  setup.ensemble.train = 240;
  setup.ensemble.valid = 16;
  setup.ensemble.test = 16;
  EXPECT_EQ(draw_of(setup, Split::train, 239).seed, 239u);
  EXPECT_EQ(draw_of(setup, Split::valid, 0).seed, 240u);
  EXPECT_EQ(draw_of(setup, Split::valid, 15).seed, 255u);
  EXPECT_EQ(draw_of(setup, Split::test, 0).seed, 2147483647u);
  EXPECT_EQ(draw_of(setup, Split::test, 15).seed, 2147483632u);
  EXPECT_EQ(draw_of(setup, Split::valid, 3).stream, (1u << 30) + 3);
  EXPECT_EQ(draw_of(setup, Split::test, 3).stream, (2u << 30) + 3);
  setup.initial.seed = 1000;
  EXPECT_EQ(draw_of(setup, Split::train, 2).seed, 1002u);
  EXPECT_EQ(draw_of(setup, Split::train, 2).stream, 2u);
}

TEST(Observation, MasksOfTheCheckTable) {
  const struct {
    double rate;
    int ones;
    std::vector<int> first;
  } rows[] = {{0.05, 198, {31, 40, 54, 100, 106, 112}},
              {0.25, 996, {0, 5, 7, 18, 26, 27}},
              {0.5, 1992, {0, 3, 5, 7, 8, 10}},
              {0.75, 3037, {0, 1, 2, 3, 5, 6}}};
  for (const auto& row : rows) {
    const auto mask = observation_mask(64 * 64, row.rate, 1);
    std::vector<int> at;
    for (std::size_t i = 0; i < mask.size(); ++i)
      if (mask[i]) at.push_back(static_cast<int>(i));
    EXPECT_EQ(static_cast<int>(at.size()), row.ones) << row.rate;
    at.resize(6);
    EXPECT_EQ(at, row.first) << row.rate;
  }
}

}  // namespace
}  // namespace hypercast::pde
