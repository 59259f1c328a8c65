#include <algorithm>

#include "similarity/families.hpp"
#include "similarity/pairs.hpp"
#include "similarity/subspaces.hpp"

namespace hypercast::similarity {

namespace {

// Orthonormal bases U of own models as rows, and what else is known of all models on every rank.
struct Bases {
  std::vector<Subspace> of;  // [M]
  Arrays u;
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
    comm.broadcast<double>(one.s, owner);
    one.v.resize(axes ? one.width * one.rank : 0);
    comm.broadcast<double>(one.v, owner);
  }
}

Bases bases_of(const Comm& comm, const Rows& rows, bool axes) {
  std::vector<Subspace> all(rows.models());
  std::vector<Buffer<double>> u(rows.models());
  for (std::size_t j = 0; j < all.size(); ++j)
    if (rows.ownership().has(j))
      all[j] = subspace_of(whole(rows, j), rows.count(), rows.widths()[j], axes, u[j]);
  share(comm, rows.ownership(), axes, all);
  std::vector<std::size_t> ranks;
  for (const auto& one : all) ranks.push_back(one.rank);
  return {std::move(all), Arrays(rows.count(), ranks, rows.ownership(), std::move(u))};
}

class Subspaces final : public Family {
 public:
  Subspaces(const Match& match, std::vector<const SubspaceMeasure*> measures)
      : comm_(match.context.comm),
        memory_(match.resources.memory),
        measures_(std::move(measures)),
        bases_(bases_of(comm_, match.rows, need_axes())) {}

  // Rows in another order span the same space: those of the basis go along.
  std::vector<Scores> scores(const std::vector<std::int64_t>& order) const override {
    const bool same = order.empty();
    const bool mirrored = same && std::all_of(measures_.begin(), measures_.end(),
                                              [](const auto* m) { return m->card().symmetric; });
    const Selected other(bases_.u, order);
    const auto models = bases_.of.size();
    const auto pairs = pairs_of(models, !mirrored);
    PairResults results(pairs.size(), 2 * measures_.size());
    products_of_pairs(
        comm_, bases_.u, same ? static_cast<const Rows&>(bases_.u) : other, pairs, {}, {memory_, false},
        [&](std::size_t number, std::span<const double> overlap) {
          score({bases_.of[pairs[number].x], bases_.of[pairs[number].y], overlap}, results.of(number));
        });
    const auto found = results.gather(comm_);
    std::vector<std::size_t> place(models * models);
    for (std::size_t i = 0; i < pairs.size(); ++i) place[pairs[i].x * models + pairs[i].y] = i;
    std::vector<Scores> all;
    for (std::size_t i = 0; i < measures_.size(); ++i)
      all.push_back(scores_of_pairs(*measures_[i], models, same, [&](std::size_t a, std::size_t b) {
        const double* score = found.data() + (place[a * models + b] * measures_.size() + i) * 2;
        return Score{score[0], static_cast<Status>(static_cast<int>(score[1]))};
      }));
    return all;
  }

 private:
  bool need_axes() const {
    return std::any_of(measures_.begin(), measures_.end(), [](const auto* m) { return m->needs_axes(); });
  }
  void score(const SubspacePair& pair, std::span<double> to) const {
    for (std::size_t i = 0; i < measures_.size(); ++i) {
      const Score score = measures_[i]->score(pair);
      to[2 * i] = score.value;
      to[2 * i + 1] = static_cast<double>(score.status);
    }
  }

  const Comm& comm_;
  double memory_;
  std::vector<const SubspaceMeasure*> measures_;
  Bases bases_;
};

}  // namespace

std::unique_ptr<Family> make_family(const Match& match, std::vector<const SubspaceMeasure*> measures) {
  return std::make_unique<Subspaces>(match, std::move(measures));
}

}  // namespace hypercast::similarity
