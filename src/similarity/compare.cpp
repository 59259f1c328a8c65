#include "similarity/compare.hpp"

#include <algorithm>
#include <numeric>

#include "core/random.hpp"
#include "similarity/delta/delta.hpp"
#include "similarity/delta/measure.hpp"
#include "similarity/families.hpp"
#include "similarity/kernel_sums.hpp"

namespace hypercast::similarity {

namespace {

// The measures of one family, and their places in the list of all.
template <class Family>
struct Members {
  std::vector<std::size_t> places;
  std::vector<const Family*> measures;
};

template <class Family>
Members<Family> members(const std::vector<NamedMeasure>& all) {
  Members<Family> found;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (const auto* one = dynamic_cast<const Family*>(all[i].measure.get())) {
      found.places.push_back(i);
      found.measures.push_back(one);
    }
  return found;
}

// What all families are given.
struct Task {
  bool stopped() const { return context.signals.poll(context.comm).stop; }

  const Context& context;
  const Rows& features;
  const Labels& labels;
  const std::vector<NamedMeasure>& measures;
  const Certainty& certainty;
  const Resources& resources;
};

Labels without(const Labels& labels, const Range& group) {
  Labels rest{labels.classes, labels.of};
  for (auto& of : rest.of) of.erase(of.begin() + group.begin, of.begin() + group.end);
  return rest;
}

std::vector<std::int64_t> rows_without(std::int64_t n, const Range& group) {
  auto rows = all_rows(n);
  rows.erase(rows.begin() + group.begin, rows.begin() + group.end);
  return rows;
}

// --- kernels: one pass gives the jackknife too
// --------------------------------------------------------------

void compare_kernel(const Task& task, const Rows& centred, const Kernel& kernel,
                    std::vector<Comparison>& found) {
  const auto groups = groups_of(centred.count(), task.certainty.jackknife);
  const auto all = members<KernelMeasure>(task.measures);
  const auto each = [&](const auto& use) {
    for (std::size_t i = 0; i < all.places.size(); ++i)
      if (all.measures[i]->kernel() == kernel) use(*all.measures[i], found[all.places[i]]);
  };
  const auto scored = [&](const KernelMeasure& measure, const KernelSums& sums, bool same) {
    return scores_of_pairs(measure, centred.models(), same,
                           [&](std::size_t x, std::size_t y) { return measure.score(sums.pair(x, y)); });
  };
  const auto sums = kernel_sums(task.context, centred, kernel, groups, task.resources);
  each([&](const KernelMeasure& measure, Comparison& to) {
    to.value = scored(measure, sums[0], true);
    for (std::size_t g = 1; g < sums.size(); ++g) to.without.push_back(scored(measure, sums[g], true));
  });
  for (int number = 0; number < task.certainty.permutations && !task.stopped(); ++number) {
    const Selected other(centred, permutation(centred.count(), task.certainty.seed, number));
    const auto permuted = permuted_kernel_sums(task.context, centred, other, kernel, sums[0], task.resources);
    each([&](const KernelMeasure& measure, Comparison& to) {
      to.permuted.push_back(scored(measure, permuted, false));
    });
  }
}

void compare_kernels(const Task& task, std::vector<Comparison>& found) {
  std::vector<Kernel> kernels;
  for (const auto* measure : members<KernelMeasure>(task.measures).measures)
    if (std::find(kernels.begin(), kernels.end(), measure->kernel()) == kernels.end())
      kernels.push_back(measure->kernel());
  if (kernels.empty()) return;
  const auto scope = task.context.timers.scope("kernels");
  const Centred centred(task.features);
  for (const auto& kernel : kernels) compare_kernel(task, centred, kernel, found);
}

// --- batches: the jackknife leaves out batches
// --------------------------------------------------------------

void compare_batches(const Task& task, std::vector<Comparison>& found) {
  const auto all = members<BatchMeasure>(task.measures);
  if (all.places.empty()) return;
  const auto scope = task.context.timers.scope("batches");
  const Centred centred(task.features);
  for (std::size_t i = 0; i < all.places.size(); ++i) {
    const auto& measure = *all.measures[i];
    const auto scored = [&](const BatchMeans& means, bool same) {
      return scores_of_pairs(measure, centred.models(), same, [&](std::size_t x, std::size_t y) {
        return measure.score(means.cross[x * means.models + y], means.self_x[x], means.self_y[y]);
      });
    };
    const auto means = [&](const std::vector<std::int64_t>& order, int groups) {
      return batch_means({task.context, centred, task.labels, task.resources}, order, measure.batch(), groups,
                         task.certainty.seed);
    };
    auto& to = found[all.places[i]];
    const auto of_all = means({}, task.certainty.jackknife);
    to.value = scored(of_all[0], true);
    for (std::size_t g = 1; g < of_all.size(); ++g) to.without.push_back(scored(of_all[g], true));
    for (int number = 0; number < task.certainty.permutations && !task.stopped(); ++number) {
      const auto order = permutation(centred.count(), task.certainty.seed, number);
      to.permuted.push_back(scored(means(order, 0)[0], false));
    }
  }
}

// --- Delta
// ---------------------------------------------------------------------------------------------------

Scores scores_of(const DeltaResult& result) {
  Scores scores;
  for (std::size_t i = 0; i < result.status.size(); ++i)
    scores.entries.push_back({result.score()[i], result.status[i]});
  return scores;
}

std::vector<NamedValues> details_of(const DeltaResult& result) {
  std::vector<NamedValues> details;
  const auto put = [&](const char* name, const auto& values) {
    details.push_back({name, {values.begin(), values.end()}});
  };
  put("delta", result.delta);
  put("delta_norm", result.delta_norm);
  put("tag", result.tag);
  put("first_order", result.first_order);
  put("first_order_error", result.first_order_error);
  put("kappa", result.kappa);
  put("se_phi", result.se_phi);
  put("l0", result.l0);
  put("own_drop", result.own_drop);
  put("eta", result.eta);
  return details;
}

void compare_delta(const Task& task, std::vector<Comparison>& found) {
  const auto all = members<DeltaMeasure>(task.measures);
  if (all.places.empty() || task.stopped()) return;
  Answers answers;
  for (const auto& list : task.labels.of) answers.labels.emplace_back(list);
  answers.classes = task.labels.classes;
  const auto n = task.features.count();
  const auto result = [&](const std::vector<std::int64_t>& left, const std::vector<std::int64_t>& right) {
    return delta(task.context, task.features, left, right, answers, all.measures[0]->options());
  };
  auto& to = found[all.places[0]];
  const auto of_all = result(all_rows(n), {});
  to.value = scores_of(of_all);
  to.more = details_of(of_all);
  if (!of_all.far_from_chance.empty() && task.context.comm.is_root())
    task.context.log.warn(
        "delta: {} classifiers start with a loss more than 0.1 away from that of chance; lower "
        "[similarity.delta] "
        "init_scale",
        of_all.far_from_chance.size());
  for (const auto& group : groups_of(n, task.certainty.jackknife)) {
    if (task.stopped()) return;
    to.without.push_back(scores_of(result(rows_without(n, group), {})));
  }
  for (int number = 0; number < task.certainty.permutations && !task.stopped(); ++number)
    to.permuted.push_back(scores_of(result(all_rows(n), permutation(n, task.certainty.seed, number))));
}

// --- other families: everything again for every set of rows
// -------------------------------------------------

template <class Measures>
void compare_family(const Task& task, const char* name, std::vector<Comparison>& found) {
  const auto all = members<Measures>(task.measures);
  if (all.places.empty() || task.stopped()) return;
  const auto scope = task.context.timers.scope(name);
  const auto give = [&](std::vector<Scores> of_all, const auto& put) {
    for (std::size_t i = 0; i < all.places.size(); ++i) put(found[all.places[i]], std::move(of_all[i]));
  };
  const auto n = task.features.count();
  {
    const auto family = make_family({task.context, task.features, task.labels, task.resources}, all.measures);
    give(family->scores({}), [](Comparison& to, Scores s) { to.value = std::move(s); });
    const bool pairs = !std::is_same_v<Measures, ModelMeasure>;
    for (int number = 0; pairs && number < task.certainty.permutations && !task.stopped(); ++number)
      give(family->scores(permutation(n, task.certainty.seed, number)),
           [](Comparison& to, Scores s) { to.permuted.push_back(std::move(s)); });
  }
  for (const auto& group : groups_of(n, task.certainty.jackknife)) {
    if (task.stopped()) return;
    const Selected rest(task.features, rows_without(n, group));
    const Labels labels = without(task.labels, group);
    give(make_family({task.context, rest, labels, task.resources}, all.measures)->scores({}),
         [](Comparison& to, Scores s) { to.without.push_back(std::move(s)); });
  }
}

}  // namespace

std::vector<std::int64_t> permutation(std::int64_t n, std::uint64_t seed, std::uint32_t number) {
  const Random random(seed, Random::Purpose::rows, number);
  auto rows = all_rows(n);
  for (std::int64_t i = n - 1; i > 0; --i)
    std::swap(rows[i], rows[random.below(static_cast<std::uint32_t>(i + 1), static_cast<std::uint64_t>(i))]);
  return rows;
}

Scores scores_of_pairs(const Measure& measure, std::size_t models, bool same,
                       const std::function<Score(std::size_t x, std::size_t y)>& score) {
  const bool mirrored = same && measure.card().symmetric;
  Scores all{std::vector<Score>(models * models)};
  for (std::size_t x = 0; x < models; ++x)
    for (std::size_t y = 0; y < models; ++y)
      all.entries[x * models + y] = mirrored && y < x ? all.entries[y * models + x] : score(x, y);
  return all;
}

std::optional<std::vector<Comparison>> compare(const Context& context, const Rows& features,
                                               const Labels& labels,
                                               const std::vector<NamedMeasure>& measures,
                                               const Certainty& certainty, const Resources& resources) {
  std::vector<Comparison> found(measures.size());
  const Task task{context, features, labels, measures, certainty, resources};
  compare_kernels(task, found);
  if (!task.stopped()) compare_batches(task, found);
  compare_family<SubspaceMeasure>(task, "subspaces", found);
  compare_family<NeighbourMeasure>(task, "neighbours", found);
  compare_family<GeometryMeasure>(task, "geometry", found);
  compare_family<ModelMeasure>(task, "models", found);
  compare_delta(task, found);
  if (task.stopped()) return std::nullopt;
  return found;
}

}  // namespace hypercast::similarity
