#include <Eigen/Dense>
#include <cmath>

#include "similarity/families.hpp"
#include "similarity/geometry.hpp"
#include "similarity/store.hpp"

namespace hypercast::similarity {

namespace {

// Rows that are compared: all, or about evenly spread ones.
std::vector<std::int64_t> some_rows(std::int64_t n, std::int64_t most) {
  std::vector<std::int64_t> rows;
  const auto count = std::min(n, most);
  for (std::int64_t i = 0; i < count; ++i) rows.push_back(i * n / count);
  return rows;
}

Stored ranks_of(const Context& context, const Rows& rows, const Resources& resources) {
  const auto n = rows.count(), pairs = n * (n - 1) / 2;
  const Range mine = rows.ownership().mine();
  const auto scratch = room_for(8.0 * static_cast<double>(mine.size() * pairs), resources);
  std::vector<std::optional<Store>> stores(rows.models());
  each_own_model(context, rows, [&](std::size_t j) {
    stores[j] = stored(distance_ranks(whole(rows, j), n, rows.widths()[j]), pairs, 1, scratch);
  });
  return Stored(pairs, std::vector<std::size_t>(rows.models(), 1), rows.ownership(), std::move(stores));
}

// Lists of own models, over pairs i < j of n rows, as rows of one number. In another order, that of i and j
// is what was of order[i] and order[j].
class Geometry final : public Fit {
 public:
  Geometry(const Match& match, const GeometryMeasure& measure)
      : context_(match.context),
        resources_(match.resources),
        models_(match.models()),
        n_(match.rows.count()),
        measure_(measure),
        lists_(ranks_of(match.context, match.rows, match.resources)) {}

  std::vector<Scores> scores(const std::vector<std::int64_t>& order) const override {
    const bool same = order.empty();
    const Selected other(lists_, same ? std::vector<std::int64_t>{} : pairs_in(order));
    const Both both(lists_, same ? static_cast<const Rows&>(lists_) : other);
    const auto products = products_of(same ? static_cast<const Rows&>(lists_) : both);
    return {scores_of_pairs(measure_, models_, [&](std::size_t a, std::size_t b) {
      return lists_.count() == 0 ? measure_.score(NAN) : measure_.score(products[a * models_ + b]);
    })};
  }

 private:
  // Inner products of all lists [M][M].
  std::vector<double> products_of(const Rows& lists) const {
    const std::size_t step = lists.models() / models_;
    const auto m = static_cast<Eigen::Index>(models_);
    const auto block = rows_of_block(resources_, sizeof(double) * static_cast<double>(lists.models()), 16384);
    return sum_over_blocks<double>(
        context_, lists, all_rows(lists.count()), blocks_of(lists.count(), block), models_ * models_,
        [&](const RowBlock<double>& some, std::span<double> out) {
          // Panels of one number a row lie one after the other: [models][rows].
          using Lists = Eigen::Map<const Eigen::MatrixXd, 0, Eigen::OuterStride<>>;
          const auto count = static_cast<Eigen::Index>(some.count);
          const Eigen::OuterStride<> stride(count * static_cast<Eigen::Index>(step));
          const Lists x(some.panels.front().data(), count, m, stride);
          const Lists y(some.panels[step - 1].data(), count, m, stride);
          Eigen::Map<Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(out.data(), m, m)
              .noalias() = x.transpose() * y;
        });
  }

  // Where pairs of rows in another order stand in a list.
  std::vector<std::int64_t> pairs_in(const std::vector<std::int64_t>& order) const {
    std::vector<std::int64_t> places;
    for (std::int64_t i = 0; i < n_; ++i)
      for (std::int64_t j = i + 1; j < n_; ++j) {
        const auto a = std::min(order[i], order[j]), b = std::max(order[i], order[j]);
        places.push_back(a * n_ - a * (a + 1) / 2 + b - a - 1);
      }
    return places;
  }

  const Context& context_;
  const Resources& resources_;
  std::size_t models_;
  std::int64_t n_;
  const GeometryMeasure& measure_;
  Stored lists_;
};

// The rows are chosen once; the jackknife leaves some of them out.
void compare(const Match& match, const Measures& measures, const Sink& sink) {
  for (std::size_t i = 0; i < measures.size(); ++i) {
    const auto& measure = as_kind<GeometryMeasure>(measures[i]);
    const auto n = match.rows.count();
    const Selected some(match.rows, some_rows(n, measure.most_rows()));
    auto resampling = match.resampling;
    if (some.count() < n) resampling.each = 1;
    const auto to_place = [i](const auto& take) {
      return [i, &take](std::size_t, Scores scores) { take(i, std::move(scores)); };
    };
    compare_by_fits({match.context, some, match.labels, resampling, match.resources},
                    [&](const Match& part) { return std::make_unique<Geometry>(part, measure); },
                    {[&](std::size_t) { return sink.done(i); }, to_place(sink.value), to_place(sink.without),
                     to_place(sink.permuted), sink.more});
  }
}

Demand demand(const Outline& outline, const Measures& measures) {
  Demand demand;
  for (const auto* measure : measures) {
    const double n =
        std::min(outline.rows(), static_cast<double>(as_kind<GeometryMeasure>(measure).most_rows()));
    demand.operations +=
        n * n * (outline.columns() / 2 + outline.models() * outline.models() / 2) * outline.sets();
    // The distances of one model, to be sorted.
    demand.memory =
        std::max(demand.memory, 4 * n * n / 2 * sizeof(double) + 2 * n * outline.widest() * sizeof(double));
  }
  return demand;
}

}  // namespace

Family geometry_family() { return {"geometry", is_kind<GeometryMeasure>, demand, compare}; }

}  // namespace hypercast::similarity
