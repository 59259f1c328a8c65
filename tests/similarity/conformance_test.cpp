// Every registered measure keeps what its card says: range, symmetry, what a model has with itself, what may
// be done to its columns and what may not, the triangle inequality. Also with other keys than the defaults.

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "scoring.hpp"

using namespace golden;

namespace {

// Two models of one world: other widths, means and scales, much in common.
std::pair<Features, Features> related(std::size_t n, std::size_t of_x, std::size_t of_y,
                                      std::uint32_t stream) {
  const auto world = normals(n, 4, stream);
  return {seen(world, of_x, stream + 1), seen(world, of_y, stream + 3)};
}

// A map of columns for every letter of a card; that of L stretches.
Features mapped(const Features& x, char letter) {
  if (letter == 'T') return translated(x, 2);
  if (letter == 'O') return times(x, rotation(x.width, 60));
  if (letter == 'S') return scaled(x, 2.5);
  if (letter == 'P') {
    Features y = x;
    for (std::size_t i = 0; i < x.n; ++i)
      for (std::size_t j = 0; j < x.width; ++j) y(i, j) = x(i, (j + 2) % x.width);
    return y;
  }
  std::vector<double> stretch;
  for (std::size_t j = 0; j < x.width; ++j) stretch.push_back(std::pow(0.4, static_cast<double>(j)));
  return times(with_columns_scaled(times(x, rotation(x.width, 61)), stretch), rotation(x.width, 62));
}

double most_similar(const Card& card) { return card.larger_is_more_similar ? card.upper : card.lower; }

}  // namespace

class EveryMeasure : public testing::TestWithParam<Case> {
 protected:
  std::unique_ptr<Measure> made = GetParam().made();
  Card card = made->card();
};

INSTANTIATE_TEST_SUITE_P(Registered, EveryMeasure, testing::ValuesIn(cases_of_pairs()));

TEST_P(EveryMeasure, HasACard) {
  EXPECT_FALSE(card.formula.empty());
  EXPECT_FALSE(card.source.empty());
  EXPECT_LT(card.lower, card.upper);
  EXPECT_FALSE(card.metric && card.larger_is_more_similar) << "a metric is a distance";
}

TEST_P(EveryMeasure, StaysInItsRange) {
  const std::vector<std::array<std::size_t, 3>> sizes = {
      {60, 6, 9}, {30, 3, 3}, {24, 2, 3}, {20, 15, 4}, {16, 30, 40}};
  for (const auto& [n, of_x, of_y] : sizes)
    for (std::uint32_t stream = 100; stream < 150; stream += 10) {
      const auto [x, y] = related(n, of_x, of_y, stream);
      for (const auto& other : {y, normals(n, of_y, stream + 5)}) {
        const Score found = score(*made, x, other);
        ASSERT_FALSE(std::isnan(found.value)) << n << " x " << of_x << ", " << of_y;
        EXPECT_GE(found.value, card.lower);
        EXPECT_LE(found.value, card.upper);
        EXPECT_NE(found.status, Status::clipped);
      }
    }
}

TEST_P(EveryMeasure, IsSymmetricToTheBitOrNotAtAll) {
  for (const std::size_t of_y : {6, 9}) {
    const auto [x, y] = related(60, 6, of_y, 200);
    const Score there = score(*made, x, y), back = score(*made, y, x);
    if (card.symmetric) {
      EXPECT_EQ(there.value, back.value);
    } else {
      EXPECT_GT(std::abs(there.value - back.value), 1e-4);
    }
    EXPECT_EQ(there.status, back.status);
  }
}

TEST_P(EveryMeasure, KnowsAModelFromItself) {
  if (!std::isfinite(most_similar(card))) return;
  for (const std::size_t width : {1, 6, 90}) {
    const auto x = related(60, width, 1, 300).first;
    if (width == 1 && !std::isfinite(score(*made, x, x).value)) continue;  // nothing to compare within a row
    EXPECT_NEAR(score(*made, x, x).value, most_similar(card), card.metric ? 1e-7 : 1e-12) << width;
  }
}

TEST_P(EveryMeasure, DoesNotSeeWhatItsLettersAllow) {
  const auto [x, y] = related(60, 6, 9, 400);
  const double before = score(*made, x, y).value;
  for (const char letter : card.invariant_to) {
    EXPECT_NEAR(score(*made, mapped(x, letter), y).value, before, 1e-9 * (1 + std::abs(before)))
        << letter << " of X";
    EXPECT_NEAR(score(*made, x, mapped(y, letter)).value, before, 1e-9 * (1 + std::abs(before)))
        << letter << " of Y";
  }
}

TEST_P(EveryMeasure, SeesAllElse) {
  const auto [x, y] = related(60, 6, 9, 400);
  const double before = score(*made, x, y).value;
  for (const char letter : std::string("TOSPL")) {
    if (card.invariant_to.find(letter) != std::string::npos) continue;
    const double change = std::abs(score(*made, mapped(x, letter), y).value - before) +
                          std::abs(score(*made, x, mapped(y, letter)).value - before);
    EXPECT_GT(change, 1e-4) << "not changed by " << letter << ", which the card does not promise";
  }
}

TEST_P(EveryMeasure, KeepsTheTriangleInequalityIfAMetric) {
  if (!card.metric) return;
  for (std::uint32_t stream = 500; stream < 600; ++stream) {
    const std::size_t of_x = 1 + stream % 3, of_y = 1 + stream / 3 % 3, of_z = 1 + stream / 9 % 3;
    const auto x = normals(8, of_x, stream), y = normals(8, of_y, stream + 1000);
    auto z = normals(8, of_z, stream + 2000);
    // Between X and Y where it can be, so that the inequality is tight.
    if (of_x == of_y && of_y == of_z) z = sum(x, sum(y, z, 0.05));
    const double xy = score(*made, x, y).value, xz = score(*made, x, z).value, zy = score(*made, z, y).value;
    EXPECT_LE(xy, xz + zy + 1e-7) << stream;
    EXPECT_GE(xy, std::abs(xz - zy) - 1e-7) << stream;
  }
}

// A model whose rows are all alike is not similar to anything, itself included; it does not end a run.
TEST_P(EveryMeasure, SaysWhenAModelIsConstant) {
  const auto y = related(60, 6, 6, 600).second;
  const Features constant = translated(Features{60, 6}, 0.1);
  for (const auto& other : {constant, y}) {
    const Score found = score(*made, constant, other);
    if (std::isfinite(most_similar(card))) {
      EXPECT_TRUE(std::isnan(found.value)) << found.value;
      EXPECT_EQ(found.status, Status::zero_variance);
    } else {
      EXPECT_NEAR(found.value, 0, 1e-15) << "what is not normalised is 0";
    }
  }
}

TEST_P(EveryMeasure, GivesAnythingButGarbageForFewRows) {
  for (const std::size_t n : {1, 2, 3, 4, 5}) {
    const Score found = score(*made, normals(n, 3, 700), normals(n, 4, 701));
    if (std::isnan(found.value)) {
      EXPECT_NE(found.status, Status::ok) << n;
    } else {
      EXPECT_GE(found.value, card.lower) << n;
      EXPECT_LE(found.value, card.upper) << n;
    }
  }
}
