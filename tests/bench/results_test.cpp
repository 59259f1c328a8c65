// Items, bounds, and what is printed of them.

#include "bench/results.hpp"

#include <gtest/gtest.h>

#include "bench/json.hpp"

using namespace hypercast::bench;

namespace {

Item item(const std::string& name, const std::string& unit, double median) {
  return {name, unit, "one line", {median, median / 2, 2 * median, 7}};
}

}  // namespace

TEST(Results, AFractionIsOneAtTheBoundForTimesAndRates) {
  auto rate = item("a.rate", "flop/s", 60);
  EXPECT_FALSE(rate.fraction());
  rate.bound = Bound{"peak", 80};
  EXPECT_DOUBLE_EQ(*rate.fraction(), 0.75);
  auto time = item("a.time", "s", 4);
  time.bound = Bound{"floor", 3};
  EXPECT_DOUBLE_EQ(*time.fraction(), 0.75);
}

TEST(Results, BoundsComeFromEarlierItems) {
  Results results;
  results.items.push_back(item("fma", "flop/s", 8e10));
  ASSERT_TRUE(results.find("fma"));
  EXPECT_FALSE(results.find("fm"));
  EXPECT_FALSE(results.bound("fm"));
  EXPECT_EQ(results.bound("fma")->name, "fma");
  EXPECT_EQ(results.bound("fma", 2)->name, "2 x fma");
  EXPECT_EQ(results.bound("fma", 2)->value, 16e10);
}

TEST(Results, QuantitiesHaveFourDigitsAndAPrefix) {
  EXPECT_EQ(quantity_text(8.31e10, "flop/s"), "83.10 Gflop/s");
  EXPECT_EQ(quantity_text(1.5e-7, "s"), "150.0 ns");
  EXPECT_EQ(quantity_text(2e-3, "s"), "2.000 ms");
  EXPECT_EQ(quantity_text(1, "s"), "1.000 s");
  EXPECT_EQ(quantity_text(999.94, "B/s"), "999.9 B/s");
  EXPECT_EQ(quantity_text(0.25, "1"), "0.25 1");
  EXPECT_EQ(quantity_text(0, "s"), "0 s");
}

TEST(Results, ALineSaysWhatPartOfItsBoundIsReached) {
  auto one = item("products", "flop/s", 6e10);
  one.bound = Bound{"fma", 8e10};
  EXPECT_NE(line_of(one).find("75 % of fma"), std::string::npos);
  EXPECT_EQ(line_of(one).find("60.00 Gflop/s"), title_line().find("median") - 7);
}

TEST(Results, ATablePrintsTheColumnsThatAreShown) {
  Table table{"floors", "of a step", {"ranks", "a_s", "b_s"}, {{1, 2, 3}, {2, 4, 6}}};
  EXPECT_EQ(text_of(table), "");
  table.shown = {"ranks", "b_s"};
  EXPECT_EQ(text_of(table),
            "floors: of a step\n       ranks           b_s  \n           1             3  \n"
            "           2             6  ");
}

TEST(Results, JsonHoldsThemAll) {
  Results results;
  results.items.push_back(item("fma", "flop/s", 8));
  results.items.push_back(item("step", "s", 4));
  results.items.back().bound = Bound{"the \"floor\"", 1};
  results.tables.push_back({"t", "of it", {"a", "b"}, {{1, 0.5}, {2, 0.25}}});
  results.notes = {"first", "second"};
  const auto text = json_of({}, {}, results);
  const auto holds = [&](const std::string& piece) {
    EXPECT_NE(text.find(piece), std::string::npos) << text;
  };
  holds(
      R"({"name":"fma","unit":"flop/s","what":"one line","median":8,"lower_quartile":4,"upper_quartile":16,)"
      R"("count":7,"bound":null,"fraction":null})");
  holds(R"("bound":{"name":"the \"floor\"","value":1},"fraction":0.25})");
  holds(R"({"name":"t","what":"of it","columns":["a","b"],"rows":[[1,0.5],)");
  holds(R"("notes":["first","second"]})");
}
