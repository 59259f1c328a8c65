// Comparisons by measures that need labels: of each model alone, and by steps of a hypernetwork.

#include "comparing.hpp"
#include "similarity/delta/delta.hpp"
#include "similarity/delta/measure.hpp"

using namespace golden;
using hypercast::Range;

namespace {

const Resampling resampling{.groups = 4, .permutations = 3, .seed = 5};
const Case logme{"logme", {}},
    delta_case{"delta", {{"repeats", 2}, {"hidden", 8}, {"code_size", 4}, {"init_scale", 0.1}}};

// Classes of the world, and of every model's own.
std::vector<World> worlds() {
  auto shared = world_of(40, {6, 9, 4});
  auto own = shared;
  own.labels.of.resize(3, own.labels.of[0]);
  for (std::size_t i = 0; i < 40; ++i) own.labels.of[2][i] = static_cast<int>(i % 3);
  return {shared, own};
}

std::vector<int> picked(const std::vector<int>& labels, const Numbers& order) {
  std::vector<int> some;
  for (const auto row : order) some.push_back(labels[static_cast<std::size_t>(row)]);
  return some;
}

Scored logme_of(const World& world, const Numbers& rows) {
  const auto measure = logme.made();
  Scored scores;
  for (std::size_t j = 0; j < world.models.size(); ++j)
    scores.push_back(dynamic_cast<const ModelMeasure&>(*measure).score(
        golden::picked(world.models[j], rows).values, world.models[j].width,
        picked(world.labels.model(j), rows), world.labels.classes));
  return scores;
}

// By this rank alone; rows keep their numbers.
DeltaResult delta_of(const Meeting& alone, const Numbers& left, const Numbers& right) {
  const auto measure = delta_case.made();
  Targets targets;
  for (const auto& list : alone.labels.of) targets.labels.emplace_back(list);
  targets.classes = alone.labels.classes;
  return delta(alone.room.context, alone.rows, left, right, targets,
               dynamic_cast<const DeltaMeasure&>(*measure).options(), {});
}

Scored scored(const DeltaResult& result) {
  Scored scores;
  for (std::size_t i = 0; i < result.status.size(); ++i)
    scores.push_back({result.score()[i], result.status[i]});
  return scores;
}

}  // namespace

TEST(Compare, ScoresSingleModelsByTheirLabels) {
  for (const auto& world : worlds())
    for (const std::int64_t each : {1, 4}) {
      auto some = resampling;
      some.each = each;
      const auto found = Meeting(test_world(), world)(made({logme}), some);
      std::vector<Scored> left;
      for (const auto& group : groups_of(40, 4, each))
        left.push_back(logme_of(world, rows_without(40, group)));
      // No order of rows but their own: nothing is known of chance.
      expect_found((*found)[0].scores, expected(true, logme_of(world, rows_without(40, {})), left, {}),
                   1e-12);
    }
}

TEST(Compare, ScoresPairsByStepsOfAHypernetwork) {
  for (const auto& world : worlds())
    for (const std::int64_t each : {1, 4}) {
      auto some = resampling;
      some.each = each;
      const auto found = Meeting(test_world(), world)(made({delta_case}), some);
      const Meeting alone(MPI_COMM_SELF, world);
      const auto all = rows_without(40, {});
      std::vector<Scored> left, permuted;
      for (const auto& group : groups_of(40, 4, each))
        left.push_back(scored(delta_of(alone, rows_without(40, group), {})));
      for (std::uint32_t i = 0; i < 3; ++i)
        permuted.push_back(scored(delta_of(alone, all, permutation(40, 5, i, each))));
      const auto value = delta_of(alone, all, {});
      expect_found((*found)[0].scores, expected(true, scored(value), left, permuted), 1e-12);
      ASSERT_EQ((*found)[0].more.size(), 10u);
      for (const auto& [name, values] : (*found)[0].more) {
        if (name == "delta") expect_near(values, {value.delta.begin(), value.delta.end()}, 0, name);
        if (name == "tag") expect_near(values, {value.tag.begin(), value.tag.end()}, 0, name);
        if (name == "l0") expect_near(values, value.l0, 0, name);
        if (name == "eta") expect_near(values, value.eta, 0, name);
      }
    }
}

// Measures of all families in any order: each finds its own.
TEST(Compare, KeepsMeasuresInTheirOrder) {
  const auto world = worlds()[0];
  const std::vector<Case> cases{
      delta_case,    {"rsa", {}},           {"cka", {}},           {"mutual_knn", {}},
      logme,         {"cka_minibatch", {}}, {"angular_shape", {}}, {"cca", {}},
      {"pwcca", {}}, {"cka_rbf", {}},       {"hsic", {}}};
  const Meeting meeting(test_world(), world);
  const auto together = meeting(made(cases), resampling);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto one = meeting(made({cases[i]}), resampling);
    for (std::size_t k = 0; k < (*one)[0].scores.value.entries.size(); ++k) {
      EXPECT_EQ((*together)[i].scores.value.entries[k].value, (*one)[0].scores.value.entries[k].value)
          << cases[i];
    }
    EXPECT_EQ((*together)[i].scores.standard_error(), (*one)[0].scores.standard_error()) << cases[i];
    EXPECT_EQ((*together)[i].scores.null_mean(), (*one)[0].scores.null_mean()) << cases[i];
    EXPECT_EQ((*together)[i].scores.p_value(), (*one)[0].scores.p_value()) << cases[i];
    EXPECT_EQ((*together)[i].more.size(), (*one)[0].more.size()) << cases[i];
  }
}
