// Classes of rows, from the lists that users bring.

#include "similarity/labels.hpp"

#include "../io/helpers.hpp"
#include "../io/npy_bytes.hpp"

using namespace hypercast;
using namespace hypercast::similarity;

TEST(Labels, AreNumberedByTheirSizeOverTheChosenInputs) {
  const auto labels = labels_of({{7, -3, 7, 100, 12, -3}}, {0, 1, 3, 5}, 1);
  EXPECT_EQ(labels.classes, 3) << "12 does not occur";
  ASSERT_EQ(labels.of.size(), 1u);
  EXPECT_EQ(labels.of[0], (std::vector<int>{1, 0, 2, 0}));
}

TEST(Labels, FollowTheOrderOfInputsAndTheirRows) {
  const auto labels = labels_of({{5, 6, 7}}, {2, 0}, 3);
  EXPECT_EQ(labels.classes, 2);
  EXPECT_EQ(labels.of[0], (std::vector<int>{1, 1, 1, 0, 0, 0}));
}

TEST(Labels, OfSeveralModelsHaveTheirClassesInCommon) {
  const auto labels = labels_of({{1, 2, 1}, {2, 9, 9}}, {0, 1, 2}, 1);
  EXPECT_EQ(labels.classes, 3);
  EXPECT_EQ(labels.of[0], (std::vector<int>{0, 1, 0}));
  EXPECT_EQ(labels.of[1], (std::vector<int>{1, 2, 2}));
  EXPECT_EQ(labels.model(1), labels.of[1]);
  const auto shared = labels_of({{1, 2, 1}}, {0, 1, 2}, 1);
  EXPECT_EQ(shared.model(5), shared.of[0]);
}

TEST(Labels, MayBeMissing) {
  const auto labels = labels_of({}, {0, 1, 2}, 2);
  EXPECT_TRUE(labels.empty());
  EXPECT_EQ(labels.classes, 0);
}

namespace {

// Models with these lists of labels, which are their ids as well.
std::vector<ModelEntry> models_with(const std::vector<std::string>& places) {
  std::vector<ModelEntry> models;
  for (const auto& place : places) {
    ModelEntry model;
    model.name = "model " + std::to_string(models.size());
    model.labels = model.ids = place;
    models.push_back(model);
  }
  return models;
}

std::string list_of(const std::vector<double>& numbers) {
  return npy_header("<f8", "(" + std::to_string(numbers.size()) + ",)") + npy_values(numbers);
}

}  // namespace

TEST(Labels, AreReadByAllRanks) {
  const TestFolder folder;
  const auto a = (folder / "a.npy").string(), b = (folder / "b.npy").string();
  put_file(a, list_of({3, 0, 4}));
  put_file(b, list_of({2, 7, 1}));
  const LabelLists one{{3, 0, 4}}, two{{3, 0, 4}, {2, 7, 1}};
  EXPECT_EQ(read_labels(test_world(), models_with({a, a}), 3), one) << "one list for all models";
  EXPECT_EQ(read_labels(test_world(), models_with({a, b}), 3), two);
  EXPECT_TRUE(read_labels(test_world(), models_with({"", ""}), 3).empty());
}

TEST(Labels, AreRefusedWhereTheyDoNotFit) {
  const TestFolder folder;
  const auto a = (folder / "a.npy").string(), half = (folder / "half.npy").string(),
             square = (folder / "square.npy").string(), minus = (folder / "minus.npy").string();
  put_file(a, list_of({3, 0, 4}));
  put_file(minus, list_of({3, -1, 4}));
  put_file(half, list_of({3, 0.5, 4}));
  put_file(square, npy_header("<f8", "(2, 2)") + npy_values<double>({1, 2, 3, 4}));
  const auto refused = [](const std::vector<std::string>& words, const std::vector<std::string>& places) {
    expect_user_error(Exit::data, words, [&] { read_labels(test_world(), models_with(places), 3); });
  };
  refused({"no labels for model 1"}, {a, ""});
  refused({"half.npy", "row 1", "0.5"}, {a, half});
  refused({"minus.npy", "row 1 is -1", "not negative"}, {minus, minus});
  refused({"square.npy", "2 axes"}, {square, a});
  expect_user_error(Exit::data, {"a.npy", "3 numbers", "4 inputs"},
                    [&] { read_labels(test_world(), models_with({a}), 4); });
}

TEST(Ids, OfAllModelsThatHaveAnyMustAgree) {
  const TestFolder folder;
  const auto a = (folder / "a.npy").string(), same = (folder / "same.npy").string(),
             other = (folder / "other.npy").string();
  put_file(a, list_of({3, 0, 4}));
  put_file(same, list_of({3, 0, 4}));
  put_file(other, list_of({3, 0, 5}));
  EXPECT_NO_THROW(check_ids(test_world(), models_with({a, same, a}), 3));
  EXPECT_NO_THROW(check_ids(test_world(), models_with({"", ""}), 3));
  expect_user_error(Exit::refused, {"model 2", "model 0", "row 2", "other.npy"}, [&] {
    check_ids(test_world(), models_with({a, same, other}), 3);
  });
  expect_user_error(Exit::refused, {"model 3", "model 1", "row 2"}, [&] {
    check_ids(test_world(), models_with({"", a, "", other}), 3);
  });
}
