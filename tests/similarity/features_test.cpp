// Features as they are read: which inputs, in what order, and what is done about numbers that are not finite.

#include "similarity/features.hpp"

#include "../io/helpers.hpp"
#include "made_source.hpp"

using namespace hypercast;
using namespace hypercast::similarity;
using golden::Sources;

namespace {

Sources three(std::size_t rows) {
  return {{golden::normals(rows, 4, 1), golden::normals(rows, 7, 2), golden::normals(rows, 1, 3)}};
}

// The rows of these inputs, as they are in the sources.
void expect_rows(const similarity::Features& found, const Sources& sources,
                 const std::vector<std::int64_t>& inputs) {
  EXPECT_EQ(found.inputs(), inputs);
  EXPECT_EQ(found.each(), sources.each);
  ASSERT_EQ(found.count(), static_cast<std::int64_t>(inputs.size()) * sources.each);
  for (auto j = found.ownership().mine().begin; j < found.ownership().mine().end; ++j) {
    const auto values = golden::all_of(found, j);
    const auto& model = sources.models[j];
    ASSERT_EQ(values.width, model.width);
    for (std::size_t i = 0; i < values.n; ++i)
      for (std::size_t c = 0; c < model.width; ++c) {
        const auto each = static_cast<std::size_t>(sources.each);
        const auto row = static_cast<std::size_t>(inputs[i / each]) * each + i % each;
        ASSERT_EQ(values(i, c), model(row, c)) << "model " << j << ", row " << i << ", column " << c;
      }
  }
}

}  // namespace

TEST(Survey, TellsAllRanksOfAllModels) {
  auto sources = three(60);
  sources.each = 3;
  sources.single = true;
  const auto extents = survey(test_world(), 3, sources.open());
  ASSERT_EQ(extents.size(), 3u);
  for (std::size_t j = 0; j < 3; ++j) {
    EXPECT_EQ(extents[j].rows, 60);
    EXPECT_EQ(extents[j].samples, 20);
    EXPECT_EQ(extents[j].each(), 3);
    EXPECT_EQ(extents[j].places, 3u);
    EXPECT_EQ(extents[j].width, sources.models[j].width);
    EXPECT_TRUE(extents[j].single);
    EXPECT_EQ(extents[j].rounding, 6e-8);
  }
  expect_user_error(Exit::data, {"no such thing"}, [] {
    survey(test_world(), 3, [](std::size_t j) -> std::unique_ptr<Source> {
      if (j == 1) throw UserError(Exit::data, "no such thing");
      return std::make_unique<golden::MadeSource>(golden::normals(4, 2, 1), 1, false);
    });
  });
}

TEST(Features, AreThoseOfTheChosenInputsInTheirOrder) {
  const Room room(test_world());
  const auto sources = three(40);
  for (const auto& chosen : std::vector<std::vector<std::int64_t>>{all_rows(40), {39, 0, 7, 8, 3}, {12}}) {
    const auto found = features_of(room, sources, chosen);
    expect_rows(found, sources, chosen);
    EXPECT_EQ(found.rounding(0), 0);
  }
}

// Rows are read some at a time; stretches without any that is wanted are passed over.
TEST(Features, OfManyRows) {
  const Room room(test_world());
  auto sources = three(1700);
  expect_rows(features_of(room, sources, all_rows(1700)), sources, all_rows(1700));
  std::int64_t read_rows = 0;
  sources.read_rows = &read_rows;
  const std::vector<std::int64_t> far{1699, 3, 511, 1400, 4};
  expect_rows(features_of(room, sources, far), sources, far);
  EXPECT_LT(room.comm.sum(read_rows), 3 * 1700);
}

TEST(Features, KeepRowsOfAnInputTogether) {
  const Room room(test_world());
  auto sources = three(60);
  sources.each = 3;
  for (const auto& chosen : std::vector<std::vector<std::int64_t>>{all_rows(20), {19, 2, 3, 0}})
    expect_rows(features_of(room, sources, chosen), sources, chosen);
}

TEST(Features, AreKeptInAFileWhereMemoryIsShort) {
  const Room room(test_world());
  const TestFolder folder;
  auto sources = three(1100);
  SimilarityOptions little;
  little.memory = 1e-4;
  const std::vector<std::int64_t> chosen{200, 7, 8, 9, 1099, 0, 600, 601};
  expect_rows(features_of(room, sources, chosen, little, folder.path()), sources, chosen);
  for (auto& model : sources.models)
    for (auto& v : model.values) v = static_cast<float>(v);
  sources.single = true;
  expect_rows(features_of(room, sources, chosen, little, folder.path()), sources, chosen);
  expect_rows(features_of(room, sources, chosen), sources, chosen);
}

TEST(Features, RefuseNumbersThatAreNotFinite) {
  const Room room(test_world());
  auto sources = three(40);
  sources.models[1](17, 6) = NAN;
  sources.models[2](3, 0) = INFINITY;
  for (const auto& chosen : {all_rows(40), std::vector<std::int64_t>{30, 17, 3}})
    expect_user_error(Exit::data, {"model 1", "row 17", "nonfinite"},
                      [&] { features_of(room, sources, chosen); });
  const std::vector<std::int64_t> others{16, 18, 4};
  expect_rows(features_of(room, sources, others), sources, others);
}

TEST(Features, DropInputsFromAllModels) {
  const Room room(test_world());
  auto sources = three(40);
  sources.models[1](17, 6) = NAN;
  sources.models[2](3, 0) = -INFINITY;
  sources.models[0](3, 1) = INFINITY;
  SimilarityOptions drop;
  drop.nonfinite = "drop";
  expect_rows(features_of(room, sources, {30, 17, 3, 16, 0}, drop), sources, {30, 16, 0});
  EXPECT_EQ(features_of(room, sources, all_rows(40), drop).count(), 38);
  EXPECT_EQ(features_of(room, sources, {17, 3}, drop).count(), 0);
  sources.each = 4;  // rows 3 and 17 are of inputs 0 and 4
  expect_rows(features_of(room, sources, {9, 4, 0, 5}, drop), sources, {9, 5});
}
