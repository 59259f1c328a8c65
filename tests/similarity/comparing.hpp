#pragma once
// Whole comparisons of models that all ranks know, and what they should find: scores of pairs in the plainest
// way (scoring.hpp), and statistics of them in two passes.

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "core/random.hpp"
#include "room.hpp"
#include "rows_of.hpp"
#include "scoring.hpp"
#include "similarity/compare.hpp"
#include "test_world.hpp"

namespace golden {

using Numbers = std::vector<std::int64_t>;

// --- what is compared ------------------------------------------------------------------------------------

struct World {
  std::vector<Features> models;
  Labels labels;  // of three classes that models can tell apart
  std::int64_t n() const { return static_cast<std::int64_t>(models[0].n); }
};

// What models of these widths see of one world.
inline World world_of(std::size_t n, const std::vector<std::size_t>& widths) {
  const auto world = normals(n, 4, 900);
  World made{{}, {3, {{}}}};
  for (const auto width : widths)
    made.models.push_back(seen(world, width, 901 + 2 * static_cast<std::uint32_t>(made.models.size())));
  for (std::size_t i = 0; i < n; ++i)
    made.labels.of[0].push_back(world(i, 0) > 0.4 ? 2 : world(i, 1) > 0 ? 1 : 0);
  return made;
}

// Rows that are all alike.
inline Features constant(std::size_t n, std::size_t width) { return translated(Features{n, width}, 0.1); }

// COLLECTIVE. Nothing when it was stopped.
inline std::optional<std::vector<Compared>> compared(const Match& match,
                                                     const std::vector<NamedMeasure>& measures) {
  auto found = nothing_compared(measures);
  if (!compare(match, measures, found)) return {};
  return found;
}

// The world on the ranks of a communicator.
struct Meeting {
  Room room;
  Stored rows;
  Labels labels;
  Meeting(MPI_Comm comm, const World& world)
      : room(comm), rows(rows_of(room.comm, world.n(), world.models)), labels(world.labels) {}

  std::optional<std::vector<Compared>> operator()(const std::vector<NamedMeasure>& measures,
                                                  const Resampling& resampling,
                                                  const Resources& resources = {}) const {
    return compared({room.context, rows, labels, resampling, resources}, measures);
  }
};

inline std::vector<NamedMeasure> made(const std::vector<Case>& cases) {
  std::vector<NamedMeasure> measures;
  for (const auto& one : cases) measures.push_back({one.name, one.made()});
  return measures;
}

// --- what a comparison should find -----------------------------------------------------------------------

using Scored = std::vector<Score>;  // all entries over one set of rows

struct Expected {
  Scored value;
  std::vector<double> error, null_mean, null_deviation, p_value;
};

inline double mean_of(const std::vector<double>& x) {
  double sum = 0;
  for (const double v : x) sum += v;
  return sum / static_cast<double>(x.size());
}

inline double squares_of(const std::vector<double>& x) {  // about the mean
  double sum = 0;
  for (const double v : x) sum += (v - mean_of(x)) * (v - mean_of(x));
  return sum;
}

inline std::vector<double> entries(const std::vector<Scored>& sets, std::size_t i) {
  std::vector<double> values;
  for (const auto& set : sets) values.push_back(set[i].value);
  return values;
}

// From scores of all rows, without each group, and with rows of y in several orders.
inline Expected expected(bool larger, Scored value, const std::vector<Scored>& left,
                         const std::vector<Scored>& permuted) {
  Expected wanted{std::move(value), {}, {}, {}, {}};
  for (std::size_t i = 0; i < wanted.value.size(); ++i) {
    if (!left.empty()) {
      const auto g = static_cast<double>(left.size());
      wanted.error.push_back(std::sqrt((g - 1) / g * squares_of(entries(left, i))));
    }
    if (permuted.empty()) continue;
    const auto chance = entries(permuted, i);
    const double count = static_cast<double>(chance.size()), own = wanted.value[i].value;
    double alike = 1;
    for (const double c : chance) alike += larger ? c >= own : c <= own;
    wanted.null_mean.push_back(mean_of(chance));
    wanted.null_deviation.push_back(std::sqrt(squares_of(chance) / (count - 1)));
    wanted.p_value.push_back(std::isfinite(own + mean_of(chance)) ? alike / (1 + count) : NAN);
  }
  return wanted;
}

inline Features picked(const Features& x, const Numbers& order) {
  Features some{order.size(), x.width};
  for (std::size_t i = 0; i < some.n; ++i)
    for (std::size_t j = 0; j < x.width; ++j) some(i, j) = x(static_cast<std::size_t>(order[i]), j);
  return some;
}

inline Numbers rows_without(std::int64_t n, const hypercast::Range& group) {
  Numbers left;
  for (std::int64_t i = 0; i < n; ++i)
    if (i < group.begin || i >= group.end) left.push_back(i);
  return left;
}

using Models = std::vector<Features>;

// score(x, y) of all pairs; symmetric measures are asked for x <= y.
inline Scored of_all_pairs(const Measure& measure, const Models& models,
                           const std::function<Score(const Features&, const Features&)>& score) {
  Scored all;
  for (std::size_t x = 0; x < models.size(); ++x)
    for (std::size_t y = 0; y < models.size(); ++y)
      all.push_back(measure.card().symmetric && y < x ? all[y * models.size() + x]
                                                      : score(models[x], models[y]));
  return all;
}

// Row of_x[i] of x with row of_y[i] of y. A Gaussian kernel keeps the bandwidth that all rows give it.
inline Score score_of_rows(const Measure& measure, const Features& x, const Features& y, const Numbers& of_x,
                           const Numbers& of_y) {
  const auto some_x = picked(x, of_x), some_y = picked(y, of_y);
  const auto* kernels = dynamic_cast<const KernelMeasure*>(&measure);
  if (!kernels) return score(measure, some_x, some_y);
  const auto kernel = kernels->kernel();
  return kernels->score(kernel_sums(some_x.n, centred_kernel(some_x, kernel, scale_of(x, kernel)),
                                    centred_kernel(some_y, kernel, scale_of(y, kernel))));
}

// Of a measure whose groups are of rows.
inline Expected expected_of(const Measure& measure, const Models& models, const Resampling& resampling) {
  const auto n = static_cast<std::int64_t>(models[0].n);
  const auto all = rows_without(n, {});
  const auto scored = [&](const Numbers& of_x, const Numbers& of_y) {
    return of_all_pairs(measure, models, [&](const Features& x, const Features& y) {
      return score_of_rows(measure, x, y, of_x, of_y);
    });
  };
  std::vector<Scored> left, permuted;
  for (const auto& group : groups_of(n, resampling.groups, resampling.each))
    left.push_back(scored(rows_without(n, group), rows_without(n, group)));
  for (int i = 0; i < resampling.permutations; ++i)
    permuted.push_back(
        scored(all, permutation(n, resampling.seed, static_cast<std::uint32_t>(i), resampling.each)));
  return expected(measure.card().larger_is_more_similar, scored(all, all), left, permuted);
}

// Of one whose groups are of batches, of shuffled rows.
inline Expected expected_of(const BatchMeasure& measure, const Models& models, const Resampling& resampling) {
  const auto n = static_cast<std::int64_t>(models[0].n);
  const auto shuffled = permutation(n, resampling.seed, shuffle_number);
  const auto scored = [&](const Numbers& order, const hypercast::Range& without) {
    return of_all_pairs(measure, models, [&](const Features& x, const Features& y) {
      return score_of(measure, picked(x, shuffled), picked(picked(y, order), shuffled), without);
    });
  };
  const auto batches = static_cast<std::int64_t>(batches_of(measure, models[0].n));
  const auto all = rows_without(n, {});
  std::vector<Scored> left, permuted;
  if (batches > 1)
    for (const auto& group : groups_of(batches, resampling.groups)) left.push_back(scored(all, group));
  for (int i = 0; i < resampling.permutations; ++i)
    permuted.push_back(
        scored(permutation(n, resampling.seed, static_cast<std::uint32_t>(i), resampling.each), {}));
  return expected(true, scored(all, {}), left, permuted);
}

inline void expect_near(const std::vector<double>& found, const std::vector<double>& wanted, double tolerance,
                        const std::string& what) {
  ASSERT_EQ(found.size(), wanted.size()) << what;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (std::isnan(wanted[i]))
      EXPECT_TRUE(std::isnan(found[i])) << what << " of entry " << i << " is " << found[i];
    else
      EXPECT_NEAR(found[i], wanted[i], tolerance * (1 + std::abs(wanted[i]))) << what << " of entry " << i;
  }
}

inline void expect_found(const Comparison& found, const Expected& wanted, double tolerance) {
  std::vector<double> values, wanted_values;
  ASSERT_EQ(found.value.entries.size(), wanted.value.size());
  for (std::size_t i = 0; i < wanted.value.size(); ++i) {
    values.push_back(found.value.entries[i].value);
    wanted_values.push_back(wanted.value[i].value);
    EXPECT_EQ(found.value.entries[i].status, wanted.value[i].status) << "status of entry " << i;
  }
  expect_near(values, wanted_values, tolerance, "value");
  expect_near(found.standard_error(), wanted.error, tolerance, "standard error");
  expect_near(found.null_mean(), wanted.null_mean, tolerance, "mean by chance");
  expect_near(found.null_deviation(), wanted.null_deviation, tolerance, "deviation by chance");
  expect_near(found.p_value(), wanted.p_value, tolerance, "probability");
}

}  // namespace golden
