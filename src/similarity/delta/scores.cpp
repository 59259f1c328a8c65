#include "similarity/delta/budget.hpp"
#include "similarity/delta/delta.hpp"
#include "similarity/delta/measure.hpp"
#include "similarity/families.hpp"

namespace hypercast::similarity {

namespace {

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

void warn_far_from_chance(const Match& match, const DeltaResult& result) {
  if (result.far_from_chance.empty() || !match.context.comm.is_root()) return;
  match.context.log.warn(
      "delta: {} classifiers start with a loss more than 0.1 away from that of chance; lower "
      "[similarity.delta] init_scale",
      result.far_from_chance.size());
}

void compare(const Match& match, const Measures& measures, const Sink& sink) {
  const auto& options = as_kind<DeltaMeasure>(measures.front()).options();
  Targets targets;
  for (const auto& list : match.labels.of) targets.labels.emplace_back(list);
  targets.classes = match.labels.classes;
  const auto all = all_rows(match.rows.count());
  // Rows keep their numbers, so that leaving some out keeps nearly all anchors.
  const auto result = [&](const std::vector<std::int64_t>& left, const std::vector<std::int64_t>& right) {
    return delta(match.context, match.rows, left, right, targets, options, match.resources);
  };
  const auto done = sink.done(0);
  if (!done.value) {
    const auto of_all = result(all, {});
    sink.value(0, scores_of(of_all));
    sink.more(0, details_of(of_all));
    warn_far_from_chance(match, of_all);
  }
  const auto groups = match.groups();
  for (std::size_t g = done.without; g < groups.size(); ++g) {
    auto rest = all;
    rest.erase(rest.begin() + groups[g].begin, rest.begin() + groups[g].end);
    sink.without(0, scores_of(result(rest, {})));
  }
  for (int number = done.permuted; number < match.resampling.permutations; ++number)
    sink.permuted(0, scores_of(result(all, match.order(number))));
}

Demand demand(const Outline& outline, const Measures& measures) {
  const DeltaScheme scheme = scheme_of(as_kind<DeltaMeasure>(measures.front()).options());
  check_vectors(scheme, outline.widths.size());
  const auto classes = static_cast<std::size_t>(std::max(2, outline.classes));
  const DeltaShape shape{feature_shape(scheme, all_rows(outline.n), outline.widths), outline.widths, classes,
                         outline.resampling.permutations > 0 ? 2 : 1};
  double columns = 0;  // of X of all models
  for (const auto width : outline.widths) columns += static_cast<double>(std::min(width, shape.m()));
  // Every model's rows with the classifiers of all others, twins once more.
  const double once = 2 * outline.rows() * columns * outline.models() * static_cast<double>(classes) *
                      scheme.steps * scheme.repeats * (scheme.twin ? 4 : 1);
  return {"", once * outline.sets(), least_memory(scheme, shape, outline.ownership)};
}

}  // namespace

Family delta_family() { return {"delta", is_kind<DeltaMeasure>, demand, compare}; }

}  // namespace hypercast::similarity
