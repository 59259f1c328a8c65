#pragma once
// Scores of all pairs of models by several measures, how sure they are, and what chance would give. The work
// that measures have in common is done once: see the families in measure.hpp.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/context.hpp"
#include "similarity/measure.hpp"
#include "similarity/plan.hpp"
#include "similarity/rows.hpp"

namespace hypercast::similarity {

// Of one measure: [M][M], x in rows, or [M] for measures of single models.
struct Scores {
  std::vector<Score> entries;
};

struct NamedMeasure {
  std::string name;
  std::unique_ptr<Measure> measure;
};

struct Labels {
  int classes = 0;
  std::vector<std::vector<int>> of;  // [1] shared by all models, or [M]; each [n]
  bool empty() const { return of.empty(); }
  const std::vector<int>& model(std::size_t j) const { return of.size() == 1 ? of[0] : of[j]; }
};

struct Certainty {
  int jackknife = 20;    // groups of rows that are left out in turn; 0: none
  int permutations = 0;  // of the rows of one model against another's
  std::uint64_t seed = 0;
};

// More that a measure tells, of models [M] or pairs [M][M].
struct NamedValues {
  std::string name;
  std::vector<double> values;
};

struct Comparison {
  Scores value;
  std::vector<NamedValues> more;
  std::vector<Scores> without;   // each group of rows
  std::vector<Scores> permuted;  // by each permutation; none for measures of single models
};

// COLLECTIVE. `features` as preprocessed, not centred (borrowed). One comparison a measure, in their order;
// the same on all ranks, with the same bits on any number of them. Nothing when a signal asked to stop, which
// is looked for between sets of rows.
std::optional<std::vector<Comparison>> compare(const Context& context, const Rows& features,
                                               const Labels& labels,
                                               const std::vector<NamedMeasure>& measures,
                                               const Certainty& certainty, const Resources& resources);

// A permutation of n rows, the same for one seed and number. Low numbers make null distributions.
inline constexpr std::uint32_t shuffle_number = 0xffffffff,
                               drawing_number = 0xfffffffe;  // batches; choosing rows
std::vector<std::int64_t> permutation(std::int64_t n, std::uint64_t seed, std::uint32_t number);

}  // namespace hypercast::similarity
