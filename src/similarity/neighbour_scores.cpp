#include <algorithm>
#include <map>
#include <set>

#include "similarity/families.hpp"
#include "similarity/neighbours.hpp"
#include "similarity/pairs.hpp"

namespace hypercast::similarity {

namespace {

using Lists = std::vector<std::vector<std::int32_t>>;  // [M], each [n][k]

// COLLECTIVE. Of all models, on every rank.
Lists lists_of(const Context& context, const Rows& rows, int k) {
  Lists lists(rows.models());
  each_own_model(context, rows, [&](std::size_t j) {
    lists[j] = nearest(whole(rows, j), rows.count(), rows.widths()[j], k);
  });
  for (std::size_t j = 0; j < lists.size(); ++j) {
    lists[j].resize(static_cast<std::size_t>(rows.count()) * k);
    context.comm.broadcast<int>(lists[j], rows.ownership().owner(j));
  }
  return lists;
}

// Lists of rows in another order: of row order[i] at i, neighbours by where they stand now.
std::vector<std::int32_t> reordered(const std::vector<std::int32_t>& list, std::size_t k,
                                    const std::vector<std::int64_t>& order) {
  std::vector<std::int32_t> place(order.size()), result(list.size());
  for (std::size_t i = 0; i < order.size(); ++i) place[order[i]] = static_cast<std::int32_t>(i);
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto to = result.begin() + i * k;
    for (std::size_t j = 0; j < k; ++j) {
      const auto neighbour = list[order[i] * k + j];
      to[j] = neighbour < 0 ? neighbour : place[neighbour];
    }
    std::sort(to, to + k);
  }
  return result;
}

class Neighbours final : public Fit {
 public:
  Neighbours(const Match& match, const Measures& measures)
      : comm_(match.context.comm), n_(match.rows.count()), models_(match.models()) {
    for (const auto* measure : measures) {
      measures_.push_back(&as_kind<NeighbourMeasure>(measure));
      if (const int k = neighbours(*measures_.back()); !lists_.contains(k))
        lists_[k] = lists_of(match.context, match.rows, k);
    }
  }

  std::vector<Scores> scores(const std::vector<std::int64_t>& order) const override {
    std::vector<Scores> all;
    for (const auto* measure : measures_) {
      const int k = neighbours(*measure);
      const auto& x = lists_.at(k);
      Lists moved;
      for (std::size_t j = 0; j < x.size() && !order.empty(); ++j)
        moved.push_back(reordered(x[j], static_cast<std::size_t>(k), order));
      all.push_back(of_lists(*measure, k, x, order.empty() ? x : moved));
    }
    return all;
  }

 private:
  int neighbours(const NeighbourMeasure& measure) const {
    return static_cast<int>(std::min<std::int64_t>(measure.neighbours(), n_ - 1));
  }

  Scores of_lists(const NeighbourMeasure& measure, int k, const Lists& x, const Lists& y) const {
    std::vector<std::pair<std::size_t, std::size_t>> pairs;
    std::vector<std::size_t> place(models_ * models_);
    for (std::size_t a = 0; a < models_; ++a)
      for (std::size_t b = measure.card().symmetric ? a : 0; b < models_; ++b) {
        place[a * models_ + b] = pairs.size();
        pairs.emplace_back(a, b);
      }
    PairResults<Score> results(pairs.size(), 1);
    const Range mine = share_of(static_cast<std::int64_t>(pairs.size()), comm_.rank(), comm_.size());
    for (auto i = mine.begin; i < mine.end; ++i)
      results.of(i)[0] = measure.score(n_, k, x[pairs[i].first], y[pairs[i].second]);
    const auto found = results.gather(comm_);
    return scores_of_pairs(measure, models_,
                           [&](std::size_t a, std::size_t b) { return found[place[a * models_ + b]]; });
  }

  const Comm& comm_;
  std::int64_t n_;
  std::size_t models_;
  std::vector<const NeighbourMeasure*> measures_;
  std::map<int, Lists> lists_;  // by the number of neighbours
};

void compare(const Match& match, const Measures& measures, const Sink& sink) {
  compare_by_fits(
      match, [&](const Match& some) { return std::make_unique<Neighbours>(some, measures); }, sink);
}

Demand demand(const Outline& outline, const Measures& measures) {
  std::set<int> numbers;
  for (const auto* measure : measures) numbers.insert(as_kind<NeighbourMeasure>(measure).neighbours());
  double lists = 0;
  const double n = outline.rows(), sides = outline.resampling.permutations > 0 ? 2 : 1;
  for (const int k : numbers) lists += n * k * outline.models() * sizeof(std::int32_t) * sides;
  return {"",
          n * n * outline.columns() * static_cast<double>(numbers.size()) * (1 + outline.resampling.groups),
          lists + (n * outline.widest() + 300 * n) * sizeof(double)};
}

}  // namespace

Family neighbour_family() { return {"neighbours", is_kind<NeighbourMeasure>, demand, compare}; }

}  // namespace hypercast::similarity
