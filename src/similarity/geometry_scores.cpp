#include <Eigen/Dense>

#include "similarity/families.hpp"
#include "similarity/geometry.hpp"
#include "similarity/pairs.hpp"

namespace hypercast::similarity {

namespace {

// Rows that are compared: all, or about evenly spread ones.
std::vector<std::int64_t> some_rows(std::int64_t n, std::int64_t most) {
  std::vector<std::int64_t> rows;
  const auto count = std::min(n, most);
  for (std::int64_t i = 0; i < count; ++i) rows.push_back(i * n / count);
  return rows;
}

// Lists of own models, over pairs i < j of n rows, as rows of one number. In another order, that of i and j
// is what was of order[i] and order[j].
class Geometry final : public Family {
 public:
  Geometry(const Match& match, std::vector<const GeometryMeasure*> measures)
      : context_(match.context),
        resources_(match.resources),
        models_(match.models()),
        measures_(std::move(measures)) {
    for (const auto* measure : measures_) {
      const Selected some(match.rows, some_rows(match.rows.count(), measure->most_rows()));
      std::vector<Buffer<double>> values(models_);
      for (std::size_t j = 0; j < models_; ++j)
        if (some.ownership().has(j))
          values[j] = distance_ranks(whole(some, j), some.count(), some.widths()[j]);
      const auto n = some.count();
      rows_.push_back(n);
      lists_.emplace_back(n * (n - 1) / 2, std::vector<std::size_t>(models_, 1), some.ownership(),
                          std::move(values));
    }
  }

  std::vector<Scores> scores(const std::vector<std::int64_t>& order) const override {
    std::vector<Scores> all;
    for (std::size_t i = 0; i < measures_.size(); ++i) {
      const Selected other(lists_[i],
                           order.empty() ? std::vector<std::int64_t>{} : pairs_in(order, rows_[i]));
      const Rows& y = order.empty() ? static_cast<const Rows&>(lists_[i]) : other;
      const auto pairs = pairs_of(models_, !order.empty());
      PairResults results(pairs.size(), 1);
      products_of_pairs(
          context_.comm, lists_[i], y, pairs, {}, {resources_.memory, false},
          [&](std::size_t number, std::span<const double> product) { results.of(number)[0] = product[0]; });
      const auto found = results.gather(context_.comm);
      std::vector<double> square(models_ * models_);
      for (std::size_t p = 0; p < pairs.size(); ++p) {
        square[pairs[p].x * models_ + pairs[p].y] = found[p];
        if (order.empty()) square[pairs[p].y * models_ + pairs[p].x] = found[p];
      }
      all.push_back(scores_of_pairs(*measures_[i], models_, order.empty(), [&](std::size_t a, std::size_t b) {
        return measures_[i]->score(square[a * models_ + b]);
      }));
    }
    return all;
  }

 private:
  // Where pairs of rows in another order stand in a list; of more rows than are compared, in the order that
  // these have among each other.
  static std::vector<std::int64_t> pairs_in(const std::vector<std::int64_t>& order, std::int64_t n) {
    std::vector<std::int64_t> rows;
    for (const auto row : order)
      if (row < n) rows.push_back(row);
    std::vector<std::int64_t> places;
    for (std::int64_t i = 0; i < n; ++i)
      for (std::int64_t j = i + 1; j < n; ++j) {
        const auto a = std::min(rows[i], rows[j]), b = std::max(rows[i], rows[j]);
        places.push_back(a * n - a * (a + 1) / 2 + b - a - 1);
      }
    return places;
  }

  const Context& context_;
  const Resources& resources_;
  std::size_t models_;
  std::vector<const GeometryMeasure*> measures_;
  std::vector<std::int64_t> rows_;  // of each measure
  std::vector<Arrays> lists_;
};

}  // namespace

std::unique_ptr<Family> make_family(const Match& match, std::vector<const GeometryMeasure*> measures) {
  return std::make_unique<Geometry>(match, std::move(measures));
}

}  // namespace hypercast::similarity
