// What scores say about models that belong together.

#include "similarity/groups.hpp"

#include <gtest/gtest.h>

#include <cmath>

using namespace hypercast::similarity;

namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();
using Names = std::vector<std::string>;

}  // namespace

TEST(MatchLayers, FindsTheMostSimilarLayerOfEachOtherNetwork) {
  // Networks a and b of layers 1, 2; a1 finds b1, a2 finds b1, b1 finds a1, b2 finds a2.
  const std::vector<double> score{1,   0.5, 0.9, 0.1,  //
                                  0.5, 1,   0.8, 0.7,  //
                                  0.9, 0.8, 1,   0.5,  //
                                  0.1, 0.7, 0.5, 1};
  const auto match = match_layers(score, {"a", "a", "b", "b"}, {"1", "2", "1", "2"}, true);
  ASSERT_EQ(match.rows.size(), 4u);
  EXPECT_EQ(match.rows[1].matched, "1");
  EXPECT_FALSE(match.rows[1].correct);
  EXPECT_DOUBLE_EQ(match.accuracy, 0.75);
  EXPECT_DOUBLE_EQ(match.chance, 0.5);
  // As distances the other way round.
  std::vector<double> distance;
  for (const double s : score) distance.push_back(1 - s);
  EXPECT_DOUBLE_EQ(match_layers(distance, {"a", "a", "b", "b"}, {"1", "2", "1", "2"}, false).accuracy, 0.75);
}

TEST(MatchLayers, AddsBothDirectionsAndPassesOverWhatIsUndefined) {
  const std::vector<double> score{1,   0, 0.2, 0.9,   //
                                  0,   1, 0.1, none,  //
                                  0.9, 0, 1,   0,     //
                                  0.1, 0, 0,   1};
  const auto match = match_layers(score, {"a", "a", "b", "b"}, {"1", "2", "1", "2"}, true);
  EXPECT_EQ(match.rows[0].matched, "1") << "0.2 + 0.9 against 0.9 + 0.1";
  EXPECT_EQ(match.rows[1].matched, "1") << "the only one that is defined";
}

TEST(MatchLayers, LeavesOutLayersThatTheOtherNetworkLacks) {
  const auto match =
      match_layers({1, 0.5, 0.5, 0.5, 1, 0.5, 0.5, 0.5, 1}, {"a", "a", "b"}, {"1", "2", "1"}, true);
  ASSERT_EQ(match.rows.size(), 2u);
  EXPECT_DOUBLE_EQ(match.chance, 0.75);
}

TEST(SeparateGroups, OfPerfectWorstAndEqualScores) {
  const Names group{"a", "a", "b", "b"};
  const auto scores = [](double within, double between) {
    return std::vector<double>{1,       within,  between, between, within,  1,       between, between,
                               between, between, 1,       within,  between, between, within,  1};
  };
  const auto perfect = separate_groups(scores(0.9, 0.1), group, true);
  EXPECT_EQ(perfect.average_precision, 1);
  EXPECT_EQ(perfect.violations, 0);
  EXPECT_DOUBLE_EQ(perfect.base_rate, 2.0 / 6);
  const auto worst = separate_groups(scores(0.9, 0.1), group, false);
  EXPECT_DOUBLE_EQ(worst.average_precision, (1.0 / 3) * 1) << "both come last, together: 2 of 6";
  EXPECT_EQ(worst.violations, 1);
  EXPECT_DOUBLE_EQ(separate_groups(scores(0.5, 0.5), group, true).average_precision, 2.0 / 6);
  EXPECT_TRUE(std::isnan(separate_groups(scores(0.9, 0.1), {"a", "a", "a", "a"}, true).average_precision));
}
