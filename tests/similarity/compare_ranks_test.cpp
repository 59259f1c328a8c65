// Comparisons have the same bits on any number of ranks, whatever they have of memory and precision.

#include <bit>

#include "../io/helpers.hpp"
#include "comparing.hpp"

using namespace golden;

namespace {

// Every registered measure.
std::vector<Case> all_cases() {
  auto cases = cases_of_pairs();
  cases.push_back({"logme", {}});
  cases.push_back({"delta", {{"repeats", 2}, {"hidden", 8}, {"code_size", 4}, {"init_scale", 0.1}}});
  cases.push_back({"rsa", {{"rows", std::int64_t{17}}}});
  return cases;
}

void expect_same_bits(const std::vector<double>& a, const std::vector<double>& b, const std::string& what) {
  ASSERT_EQ(a.size(), b.size()) << what;
  for (std::size_t i = 0; i < a.size(); ++i)
    EXPECT_TRUE(std::bit_cast<std::uint64_t>(a[i]) == std::bit_cast<std::uint64_t>(b[i]) ||
                (std::isnan(a[i]) && std::isnan(b[i])))
        << what << ": number " << i << " is " << a[i] << " and " << b[i];
}

std::vector<double> values_of(const Compared& one) {
  std::vector<double> values;
  for (const auto& entry : one.scores.value.entries)
    values.insert(values.end(), {entry.value, static_cast<double>(entry.status)});
  for (const auto& more : one.more) values.insert(values.end(), more.values.begin(), more.values.end());
  return values;
}

void expect_same_bits(const Compared& a, const Compared& b) {
  expect_same_bits(values_of(a), values_of(b), "values");
  expect_same_bits(a.scores.standard_error(), b.scores.standard_error(), "standard error");
  expect_same_bits(a.scores.null_mean(), b.scores.null_mean(), "mean by chance");
  expect_same_bits(a.scores.null_deviation(), b.scores.null_deviation(), "deviation by chance");
  expect_same_bits(a.scores.p_value(), b.scores.p_value(), "probability");
}

// Together and alone; returns what was found.
std::vector<Compared> expect_same_on_ranks(const World& world, const Resources& resources) {
  const auto cases = all_cases();
  const Resampling resampling{.groups = 3, .permutations = 2, .seed = 1};
  const auto together = Meeting(test_world(), world)(made(cases), resampling, resources);
  const auto alone = Meeting(MPI_COMM_SELF, world)(made(cases), resampling, resources);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE(testing::Message() << cases[i]);
    expect_same_bits((*together)[i], (*alone)[i]);
  }
  return *together;
}

// Wide and narrow models, one that says nothing last.
World many() {
  auto world = world_of(37, {50, 5, 1, 8, 3, 2});
  world.models.push_back(constant(37, 4));
  return world;
}

double largest_difference(const std::vector<Compared>& a, const std::vector<Compared>& b) {
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto x = values_of(a[i]), y = values_of(b[i]);
    EXPECT_EQ(x.size(), y.size());
    for (std::size_t k = 0; k < x.size(); ++k) {
      EXPECT_EQ(std::isnan(x[k]), std::isnan(y[k]));
      if (!std::isnan(x[k])) most = std::max(most, std::abs(x[k] - y[k]) / (1 + std::abs(x[k])));
    }
  }
  return most;
}

}  // namespace

TEST(CompareOnRanks, HasTheSameBits) { expect_same_on_ranks(many(), {}); }

TEST(CompareOnRanks, HasTheSameBitsOfFewerModelsThanRanks) { expect_same_on_ranks(world_of(30, {7, 4}), {}); }

TEST(CompareOnRanks, HasTheSameBitsWhereModelsThatSayNothingComeFirst) {
  auto world = world_of(30, {7, 4, 6});
  world.models.insert(world.models.begin(), constant(30, 40));
  expect_same_on_ranks(world, {});
}

// Everything goes to files and rows pass by one at a time; some goes to files, and a few rows pass by.
TEST(CompareOnRanks, HasTheSameBitsWithLittleMemory) {
  const TestFolder folder;
  const auto much = expect_same_on_ranks(many(), {});
  for (const double memory : {4e3, 5e4}) {
    const auto little = expect_same_on_ranks(many(), {.memory = memory, .scratch = folder.path()});
    EXPECT_LT(largest_difference(little, much), 1e-7) << "angles near 0 are sensitive";
  }
}

TEST(CompareOnRanks, HasTheSameBitsInFloat) {
  const auto single = expect_same_on_ranks(many(), {.single = true});
  const double difference = largest_difference(single, expect_same_on_ranks(many(), {}));
  EXPECT_GT(difference, 0);
  EXPECT_LT(difference, 1e-2) << "an angle near 0 is the root of what is left";
}
