#include "similarity/families.hpp"

#include <algorithm>
#include <numeric>

#include "core/random.hpp"

namespace hypercast::similarity {

namespace {

std::vector<std::int64_t> rows_without(std::int64_t n, const Range& group) {
  auto rows = all_rows(n);
  rows.erase(rows.begin() + group.begin, rows.begin() + group.end);
  return rows;
}

Labels without(const Labels& labels, const Range& group) {
  Labels rest{labels.classes, labels.of};
  for (auto& of : rest.of) of.erase(of.begin() + group.begin, of.begin() + group.end);
  return rest;
}

}  // namespace

std::vector<std::int64_t> permutation(std::int64_t n, std::uint64_t seed, std::uint32_t number,
                                      std::int64_t each) {
  const Random random(seed, Random::Purpose::rows, number);
  auto inputs = all_rows(n / each);
  for (std::int64_t i = n / each - 1; i > 0; --i)
    std::swap(inputs[i],
              inputs[random.below(static_cast<std::uint32_t>(i + 1), static_cast<std::uint64_t>(i))]);
  std::vector<std::int64_t> rows;
  for (const auto input : inputs)
    for (std::int64_t row = 0; row < each; ++row) rows.push_back(input * each + row);
  return rows;
}

std::vector<Range> Match::groups() const {
  return groups_of(rows.count(), resampling.groups, resampling.each);
}

std::vector<std::int64_t> Match::order(std::uint32_t number) const {
  return permutation(rows.count(), resampling.seed, number, resampling.each);
}

double Outline::columns() const { return std::accumulate(widths.begin(), widths.end(), 0.0); }

double Outline::widest() const {
  return static_cast<double>(*std::max_element(widths.begin(), widths.end()));
}

double Outline::busiest(const std::function<double(double width)>& size) const {
  double most = 0;
  for (int rank = 0; rank < ownership.ranks(); ++rank) {
    double all = 0;
    for (auto j = ownership.of(rank).begin; j < ownership.of(rank).end; ++j)
      all += size(static_cast<double>(widths[j]));
    most = std::max(most, all);
  }
  return most;
}

std::vector<Family> families() {
  return {kernel_family(),   batch_family(), subspace_family(), neighbour_family(),
          geometry_family(), model_family(), delta_family()};
}

void compare_by_fits(const Match& match, const std::function<std::unique_ptr<Fit>(const Match&)>& make,
                     const Sink& sink) {
  const auto give = [](std::vector<Scores> scores, const auto& take) {
    for (std::size_t i = 0; i < scores.size(); ++i) take(i, std::move(scores[i]));
  };
  const auto done = sink.done(0);  // all are at the same point
  if (!done.value || done.permuted < match.resampling.permutations) {
    const auto fit = make(match);
    if (!done.value) give(fit->scores({}), sink.value);
    for (int number = done.permuted; number < match.resampling.permutations; ++number) {
      heed(match.context);
      give(fit->scores(match.order(number)), sink.permuted);
    }
  }
  const auto groups = match.groups();
  for (std::size_t g = done.without; g < groups.size(); ++g) {
    heed(match.context);
    const Selected rest(match.rows, rows_without(match.rows.count(), groups[g]));
    const Labels labels = without(match.labels, groups[g]);
    give(make({match.context, rest, labels, match.resampling, match.resources})->scores({}), sink.without);
  }
}

Scores scores_of_pairs(const Measure& measure, std::size_t models,
                       const std::function<Score(std::size_t x, std::size_t y)>& score) {
  const bool mirrored = measure.card().symmetric;
  Scores all{std::vector<Score>(models * models)};
  for (std::size_t x = 0; x < models; ++x)
    for (std::size_t y = 0; y < models; ++y)
      all.entries[x * models + y] = mirrored && y < x ? all.entries[y * models + x] : score(x, y);
  return all;
}

}  // namespace hypercast::similarity
