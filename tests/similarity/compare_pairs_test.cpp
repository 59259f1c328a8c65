// Comparisons of all pairs, on all ranks, find what the plainest way finds: scores, how sure they are,
// chance.

#include "comparing.hpp"

using namespace golden;
using hypercast::Comm;

namespace {

// Ranks share the work of finding out what is expected.
void expect_all_found(const std::vector<Case>& cases, const World& world, const Resampling& resampling) {
  const Comm& comm = test_world();
  const auto found = Meeting(comm, world)(made(cases), resampling);
  ASSERT_TRUE(found.has_value());
  ASSERT_EQ(found->size(), cases.size());
  for (std::size_t i = static_cast<std::size_t>(comm.rank()); i < cases.size();
       i += static_cast<std::size_t>(comm.size())) {
    const auto measure = cases[i].made();
    SCOPED_TRACE(testing::Message() << cases[i]);
    const auto* batches = dynamic_cast<const BatchMeasure*>(measure.get());
    const auto wanted = batches ? expected_of(*batches, world.models, resampling)
                                : expected_of(*measure, world.models, resampling);
    // Angles near 0 are sensitive.
    expect_found((*found)[i].scores, wanted, measure->card().metric ? 1e-7 : 1e-10);
    EXPECT_TRUE((*found)[i].more.empty());
  }
}

}  // namespace

// The last model is constant: nothing that is made of its pairs is defined.
TEST(Compare, FindsScoresOfAllPairsAndTheirStatistics) {
  auto world = world_of(47, {6, 9, 4});
  world.models.push_back(constant(47, 2));
  expect_all_found(cases_of_pairs(), world, {.groups = 5, .permutations = 4, .seed = 3});
}

TEST(Compare, KeepsRowsOfAnInputTogether) {
  expect_all_found(cases_of_pairs(), world_of(48, {6, 9, 4}),
                   {.groups = 5, .permutations = 4, .seed = 3, .each = 3});
}

TEST(Compare, DoesWithoutStatistics) {
  expect_all_found(cases_of_pairs(), world_of(30, {5, 3}), {.groups = 0});
}

// Wider than there are rows; more groups than inputs.
TEST(Compare, OfFewRows) { expect_all_found(cases_of_pairs(), world_of(14, {20, 3, 5}), {.groups = 20}); }

TEST(Compare, OfOneModelWithItself) {
  expect_all_found(cases_of_pairs(), world_of(30, {5}), {.groups = 3, .permutations = 2});
}

// Rows are chosen once, and groups are then among them, whatever inputs they are of.
TEST(Compare, OfDistancesBetweenSomeOfTheRows) {
  const std::int64_t most = 20;
  const std::vector<Case> rsa{{"rsa", {{"rows", most}}}};
  const auto world = world_of(48, {6, 9, 4});
  Numbers some;
  for (std::int64_t i = 0; i < most; ++i) some.push_back(i * world.n() / most);
  Models models;
  for (const auto& x : world.models) models.push_back(picked(x, some));
  for (const std::int64_t each : {1, 3}) {
    const Resampling resampling{.groups = 5, .permutations = 4, .seed = 3, .each = each};
    const auto found = Meeting(test_world(), world)(made(rsa), resampling);
    auto among = resampling;
    among.each = 1;
    expect_found((*found)[0].scores, expected_of(*rsa[0].made(), models, among), 1e-12);
  }
}
