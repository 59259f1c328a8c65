#include <algorithm>

#include "similarity/families.hpp"
#include "similarity/pairs.hpp"
#include "similarity/store.hpp"
#include "similarity/subspaces.hpp"

namespace hypercast::similarity {

namespace {

// Orthonormal bases U of own models as rows, and what else is known of all models on every rank.
struct Bases {
  std::vector<Subspace> of;  // [M]
  Stored u;
};

// COLLECTIVE. Every rank learns the singular values (and axes) of all models.
void share(const Comm& comm, const Ownership& ownership, bool axes, std::vector<Subspace>& all) {
  for (std::size_t j = 0; j < all.size(); ++j) {
    auto& one = all[j];
    const int owner = ownership.owner(j);
    std::vector<std::int64_t> sizes{one.n, static_cast<std::int64_t>(one.width),
                                    static_cast<std::int64_t>(one.rank)};
    comm.broadcast<std::int64_t>(sizes, owner);
    one.n = sizes[0];
    one.width = static_cast<std::size_t>(sizes[1]);
    one.rank = static_cast<std::size_t>(sizes[2]);
    one.s.resize(one.rank);
    comm.broadcast<double>(std::span(&one.scale, 1), owner);
    comm.broadcast<double>(one.s, owner);
    one.v.resize(axes ? one.width * one.rank : 0);
    comm.broadcast<double>(one.v, owner);
  }
}

Bases bases_of(const Context& context, const Rows& rows, bool axes, const Resources& resources) {
  const auto n = rows.count();
  const Range mine = rows.ownership().mine();
  double size = 0;
  for (auto j = mine.begin; j < mine.end; ++j)
    size += static_cast<double>(std::min<std::size_t>(n, rows.widths()[j]) * static_cast<std::size_t>(n));
  const auto scratch = room_for(sizeof(double) * size, resources);
  std::vector<Subspace> all(rows.models());
  std::vector<std::optional<Store>> stores(rows.models());
  each_own_model(context, rows, [&](std::size_t j) {
    Buffer<double> u;
    all[j] = subspace_of(whole(rows, j), n, rows.widths()[j], axes, rows.rounding(j), u);
    stores[j] = stored(u, n, all[j].rank, scratch);
  });
  share(context.comm, rows.ownership(), axes, all);
  std::vector<std::size_t> ranks;
  for (const auto& one : all) ranks.push_back(one.rank);
  return {std::move(all), Stored(n, ranks, rows.ownership(), std::move(stores))};
}

class Subspaces final : public Fit {
 public:
  Subspaces(const Match& match, const Measures& measures)
      : context_(match.context),
        resources_{.memory = match.resources.memory, .single = false, .scratch = match.resources.scratch},
        bases_(bases_of(match.context, match.rows, any_needs_axes(measures), match.resources)) {
    for (const auto* measure : measures) measures_.push_back(&as_kind<SubspaceMeasure>(measure));
  }

  // Rows in another order span the same space: those of the basis go along.
  std::vector<Scores> scores(const std::vector<std::int64_t>& order) const override {
    const bool same = order.empty();
    const bool mirrored =
        std::all_of(measures_.begin(), measures_.end(), [](const auto* m) { return m->card().symmetric; });
    const Selected other(bases_.u, order);
    const auto models = bases_.of.size();
    const auto pairs = pairs_of(bases_.u, !mirrored);
    PairResults<Score> results(pairs.size(), measures_.size());
    products_of_pairs(context_, bases_.u, same ? static_cast<const Rows&>(bases_.u) : other, pairs, {},
                      resources_, [&](std::size_t number, std::span<const double> overlap) {
                        const auto to = results.of(number);
                        const SubspacePair pair(bases_.of[pairs[number].x], bases_.of[pairs[number].y],
                                                overlap);
                        for (std::size_t i = 0; i < to.size(); ++i) to[i] = measures_[i]->score(pair);
                      });
    const auto found = results.gather(context_.comm);
    std::vector<std::size_t> place(models * models);
    for (std::size_t i = 0; i < pairs.size(); ++i) place[pairs[i].x * models + pairs[i].y] = i;
    std::vector<Scores> all;
    for (std::size_t i = 0; i < measures_.size(); ++i)
      all.push_back(scores_of_pairs(*measures_[i], models, [&](std::size_t a, std::size_t b) {
        return found[place[a * models + b] * measures_.size() + i];
      }));
    return all;
  }

  static bool any_needs_axes(const Measures& measures) {
    return std::any_of(measures.begin(), measures.end(),
                       [](const auto* m) { return as_kind<SubspaceMeasure>(m).needs_axes(); });
  }

 private:
  const Context& context_;
  Resources resources_;  // decompositions are not done in float
  std::vector<const SubspaceMeasure*> measures_;
  Bases bases_;
};

void compare(const Match& match, const Measures& measures, const Sink& sink) {
  compare_by_fits(
      match, [&](const Match& some) { return std::make_unique<Subspaces>(some, measures); }, sink);
}

Demand demand(const Outline& outline, const Measures& measures) {
  const double n = outline.rows();
  double decompositions = 0, ranks = 0, largest = 0;
  for (const auto width : outline.widths) {
    const double d = static_cast<double>(width), rank = std::min(n, d);
    decompositions += 4 * n * d * rank + 10 * rank * rank * rank;
    ranks += rank;
    largest = std::max(largest, rank);
  }
  // Of every pair an overlap and its singular values.
  const double pairs = n * ranks * ranks / 2 + outline.models() * ranks * largest * largest * 5;
  double memory = 3 * n * outline.widest() + 6 * largest * largest;
  if (Subspaces::any_needs_axes(measures))
    for (const auto width : outline.widths)
      memory += static_cast<double>(width) * std::min(n, static_cast<double>(width));
  return {"", decompositions * (1 + outline.resampling.groups) + pairs * outline.sets(),
          memory * sizeof(double)};
}

}  // namespace

Family subspace_family() { return {"subspaces", is_kind<SubspaceMeasure>, demand, compare}; }

}  // namespace hypercast::similarity
