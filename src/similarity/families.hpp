#pragma once
// Families of measures: what measures have in common is computed once, by the family they belong to. A
// family is one file, <family>_scores.cpp, which scores all pairs over all rows, without each group of rows
// (the jackknife), and with the rows of one side in random orders (chance), and says beforehand what that
// takes.

#include <functional>
#include <string>
#include <vector>

#include "core/context.hpp"
#include "similarity/labels.hpp"
#include "similarity/measure.hpp"
#include "similarity/plan.hpp"
#include "similarity/rows.hpp"

namespace hypercast::similarity {

// What is done beside the scores themselves.
struct Resampling {
  int groups = 20;       // of neighbouring inputs, left out in turn; 0: none, never 1
  int permutations = 0;  // of the inputs of one model against another's
  std::uint64_t seed = 0;
  std::int64_t each = 1;  // rows of an input, which follow one another and stay together
};

// A permutation of n rows, by inputs; the same for one seed and number. Low numbers make null distributions.
inline constexpr std::uint32_t shuffle_number = 0xffffffff,
                               drawing_number = 0xfffffffe;  // batches; choosing rows
std::vector<std::int64_t> permutation(std::int64_t n, std::uint64_t seed, std::uint32_t number,
                                      std::int64_t each = 1);

// What is compared; all borrowed.
struct Match {
  const Context& context;
  const Rows& rows;
  const Labels& labels;
  const Resampling& resampling;
  const Resources& resources;
  std::size_t models() const { return rows.models(); }
  std::vector<Range> groups() const;                                 // of the jackknife
  std::vector<std::int64_t> order(std::uint32_t permutation) const;  // of rows
};

// More that a measure tells, of models [M] or pairs [M][M].
struct NamedValues {
  std::string name;
  std::vector<double> values;
};

// How much of a measure's scores an earlier run has left.
struct Done {
  bool value = false;
  int without = 0, permuted = 0;  // the first so many
};

// Takes the scores of a measure, which is named by its place in the family's list: of all rows first, then
// those without each group and those of each permutation, each kind in order, from where `done` says on.
struct Sink {
  std::function<Done(std::size_t measure)> done;
  std::function<void(std::size_t measure, Scores)> value, without, permuted;
  std::function<void(std::size_t measure, std::vector<NamedValues>)> more;
};

// What is known before features are read.
struct Outline {
  std::int64_t n = 0;
  const std::vector<std::size_t>& widths;
  const Ownership& ownership;
  int classes = 0;  // about
  const Resampling& resampling;
  const Resources& resources;

  double models() const { return static_cast<double>(widths.size()); }
  double rows() const { return static_cast<double>(n); }
  double columns() const;  // of all models
  double widest() const;
  // The largest sum over the models of one rank of size(width).
  double busiest(const std::function<double(double width)>& size) const;
  // Sets of rows that are scored: all, without a group each, permuted.
  double sets() const { return 1.0 + resampling.groups + resampling.permutations; }
};

struct Demand {
  std::string route;      // how; may be empty
  double operations = 0;  // multiplications and additions of all ranks, about
  double memory = 0;      // bytes of a rank without which it cannot be done
};

using Measures = std::vector<const Measure*>;

struct Family {
  const char* name;
  bool (*has)(const Measure&);
  Demand (*demand)(const Outline&, const Measures&);
  // COLLECTIVE. Throws Stopped.
  void (*compare)(const Match&, const Measures&, const Sink&);
};

Family kernel_family();
Family batch_family();
Family subspace_family();
Family neighbour_family();
Family geometry_family();
Family model_family();
Family delta_family();
std::vector<Family> families();  // all, in this order

template <class Kind>
bool is_kind(const Measure& measure) {
  return dynamic_cast<const Kind*>(&measure) != nullptr;
}
template <class Kind>
const Kind& as_kind(const Measure* measure) {
  return dynamic_cast<const Kind&>(*measure);
}

// --- for families that do everything again for every set of rows ---

// Scores over some rows: what does not depend on their order is found once.
class Fit {
 public:
  virtual ~Fit() = default;
  // COLLECTIVE. Of every measure. Row i of x is compared with row order[i] of y; empty: with row i.
  virtual std::vector<Scores> scores(const std::vector<std::int64_t>& order) const = 0;
};
// COLLECTIVE. make(match) for all rows, and for those left in each set of the jackknife.
void compare_by_fits(const Match& match, const std::function<std::unique_ptr<Fit>(const Match&)>& make,
                     const Sink& sink);

// score(x, y) for every pair. Symmetric measures are asked for x <= y: also where the rows of y are in
// another order, since chance has no side.
Scores scores_of_pairs(const Measure& measure, std::size_t models,
                       const std::function<Score(std::size_t x, std::size_t y)>& score);

}  // namespace hypercast::similarity
