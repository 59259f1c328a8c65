#include "similarity/delta/delta.hpp"
#include "similarity/delta/features.hpp"
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

void warn_of_chance(const Context& context, std::size_t far) {
  if (far > 0 && context.comm.is_root())
    context.log.warn(
        "delta: {} classifiers start with a loss more than 0.1 away from that of chance; lower "
        "[similarity.delta] init_scale",
        far);
}

void compare(const Match& match, const Measures& measures, const Sink& sink) {
  const auto& options = as_kind<DeltaMeasure>(measures.front()).options();
  Answers answers;
  for (const auto& list : match.labels.of) answers.labels.emplace_back(list);
  answers.classes = match.labels.classes;
  const auto n = match.rows.count();
  const auto all = all_rows(n);
  // Rows keep their numbers, so that leaving some out keeps nearly all anchors.
  const auto result = [&](const std::vector<std::int64_t>& left, const std::vector<std::int64_t>& right) {
    return delta(match.context, match.rows, left, right, answers, options);
  };
  const auto done = sink.done(0);
  if (!done.value) {
    const auto of_all = result(all, {});
    sink.value(0, scores_of(of_all));
    sink.more(0, details_of(of_all));
    warn_of_chance(match.context, of_all.far_from_chance.size());
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
  const auto rows = all_rows(outline.n);
  const double n = outline.rows(), models = outline.models(), k = std::max(2, outline.classes);
  const auto m = static_cast<double>(feature_shape(scheme, rows, outline.widths).m);
  const double size = scheme.single_precision ? sizeof(float) : sizeof(double);
  const double sides = outline.resampling.permutations > 0 ? 2 : 1;
  const auto inner = [&](double width) { return std::min(width, m); };
  double columns = 0;
  for (const auto width : outline.widths) columns += inner(static_cast<double>(width));
  Demand demand;
  // Every model's rows with the classifiers of all others, twins once more.
  demand.operations =
      2 * n * columns * models * k * scheme.steps * scheme.repeats * (scheme.twin ? 4 : 1) * outline.sets();
  demand.memory = sides * size * outline.busiest([&](double width) { return (n + m) * inner(width); }) +
                  3 * sizeof(double) * models * m * k * scheme.steps;
  return demand;
}

}  // namespace

Family delta_family() { return {"delta", is_kind<DeltaMeasure>, demand, compare}; }

}  // namespace hypercast::similarity
