#pragma once
// What the schedule of comparisons (compare.hpp) asks of a family of measures: all scores over some rows.
// What does not depend on the order of rows is found once; then y may be the same models with their rows in
// another order. Making a family and asking it for scores are COLLECTIVE. Where rows are in one order,
// symmetric measures are made for x <= y and mirrored.

#include "similarity/compare.hpp"

namespace hypercast::similarity {

// What is compared; all borrowed.
struct Match {
  const Context& context;
  const Rows& rows;
  const Labels& labels;
  const Resources& resources;
  std::size_t models() const { return rows.models(); }
};

class Family {
 public:
  virtual ~Family() = default;
  // Of every measure, in their order. Row i of x is compared with row order[i] of y; empty: with row i.
  virtual std::vector<Scores> scores(const std::vector<std::int64_t>& order) const = 0;
};

std::unique_ptr<Family> make_family(const Match& match, std::vector<const SubspaceMeasure*> measures);
std::unique_ptr<Family> make_family(const Match& match, std::vector<const NeighbourMeasure*> measures);
std::unique_ptr<Family> make_family(const Match& match, std::vector<const GeometryMeasure*> measures);
std::unique_ptr<Family> make_family(const Match& match, std::vector<const ModelMeasure*> measures);

// Means of HSIC_1 over batches of rows, of features that are centred: all batches, then without those of a
// group; groups are of batches. `order` as above.
struct BatchMeans {
  std::size_t models = 0;
  std::vector<double> cross, self_x, self_y;  // [M][M], [M], [M]
};
std::vector<BatchMeans> batch_means(const Match& match, const std::vector<std::int64_t>& order,
                                    std::int64_t batch, int groups, std::uint64_t seed);

// score(x, y) for every pair; `same`: rows are in one order.
Scores scores_of_pairs(const Measure& measure, std::size_t models, bool same,
                       const std::function<Score(std::size_t x, std::size_t y)>& score);

}  // namespace hypercast::similarity
