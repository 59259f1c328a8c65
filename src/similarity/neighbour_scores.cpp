#include <algorithm>
#include <map>

#include "similarity/families.hpp"
#include "similarity/neighbours.hpp"
#include "similarity/pairs.hpp"

namespace hypercast::similarity {

namespace {

// COLLECTIVE. The lists [n][k] of all models.
std::vector<std::vector<std::int32_t>> lists_of(const Comm& comm, const Rows& rows, int k) {
  std::vector<int> own;
  const Range mine = rows.ownership().mine();
  for (auto j = mine.begin; j < mine.end; ++j) {
    const auto list = nearest(whole(rows, j), rows.count(), rows.widths()[j], k);
    own.insert(own.end(), list.begin(), list.end());
  }
  const auto all = comm.all_gather<int>(own);
  const std::size_t each = all.size() / rows.models();
  std::vector<std::vector<std::int32_t>> lists;
  for (std::size_t j = 0; j < rows.models(); ++j)
    lists.emplace_back(all.begin() + j * each, all.begin() + (j + 1) * each);
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

class Neighbours final : public Family {
 public:
  Neighbours(const Match& match, std::vector<const NeighbourMeasure*> measures)
      : comm_(match.context.comm),
        n_(match.rows.count()),
        models_(match.models()),
        measures_(std::move(measures)) {
    for (const auto* measure : measures_)
      if (const int k = neighbours(*measure); !lists_.contains(k)) lists_[k] = lists_of(comm_, match.rows, k);
  }

  std::vector<Scores> scores(const std::vector<std::int64_t>& order) const override {
    std::vector<Scores> all;
    for (const auto* measure : measures_) {
      const int k = neighbours(*measure);
      const auto& x = lists_.at(k);
      auto y = x;
      if (!order.empty())
        for (auto& list : y) list = reordered(list, static_cast<std::size_t>(k), order);
      all.push_back(of_lists(*measure, k, x, y, order.empty()));
    }
    return all;
  }

 private:
  int neighbours(const NeighbourMeasure& measure) const {
    return static_cast<int>(std::min<std::int64_t>(measure.neighbours(), n_ - 1));
  }

  Scores of_lists(const NeighbourMeasure& measure, int k, const std::vector<std::vector<std::int32_t>>& x,
                  const std::vector<std::vector<std::int32_t>>& y, bool same) const {
    const auto pairs = pairs_of(models_, true);
    PairResults results(pairs.size(), 2);
    const Range mine = share_of(static_cast<std::int64_t>(pairs.size()), comm_.rank(), comm_.size());
    for (auto i = mine.begin; i < mine.end; ++i) {
      const Score score = measure.score(n_, k, x[pairs[i].x], y[pairs[i].y]);
      results.of(i)[0] = score.value;
      results.of(i)[1] = static_cast<double>(score.status);
    }
    const auto found = results.gather(comm_);
    return scores_of_pairs(measure, models_, same, [&](std::size_t a, std::size_t b) {
      const double* score = found.data() + (a * models_ + b) * 2;
      return Score{score[0], static_cast<Status>(static_cast<int>(score[1]))};
    });
  }

  const Comm& comm_;
  std::int64_t n_;
  std::size_t models_;
  std::vector<const NeighbourMeasure*> measures_;
  std::map<int, std::vector<std::vector<std::int32_t>>> lists_;  // by the number of neighbours
};

}  // namespace

std::unique_ptr<Family> make_family(const Match& match, std::vector<const NeighbourMeasure*> measures) {
  return std::make_unique<Neighbours>(match, std::move(measures));
}

}  // namespace hypercast::similarity
