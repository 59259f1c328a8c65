#include "similarity/compare.hpp"

namespace hypercast::similarity {

namespace {

// The measures of one family, and their places in the list of all.
struct Members {
  std::vector<std::size_t> places;
  Measures measures;
};

Members members(const Family& family, const std::vector<NamedMeasure>& all) {
  Members found;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (family.has(*all[i].measure)) {
      found.places.push_back(i);
      found.measures.push_back(all[i].measure.get());
    }
  return found;
}

void compare_family(const Match& match, const Family& family, const std::vector<NamedMeasure>& all,
                    std::vector<Compared>& found) {
  const auto own = members(family, all);
  if (own.places.empty()) return;
  heed(match.context);
  const auto scope = match.context.timers.scope(family.name);
  const auto of = [&](std::size_t measure) -> Compared& { return found[own.places[measure]]; };
  Sink sink;
  sink.value = [&](std::size_t i, Scores s) { of(i).scores.take_value(std::move(s)); };
  sink.without = [&](std::size_t i, const Scores& s) { of(i).scores.take_without(s); };
  sink.permuted = [&](std::size_t i, const Scores& s) { of(i).scores.take_permuted(s); };
  sink.more = [&](std::size_t i, std::vector<NamedValues> values) { of(i).more = std::move(values); };
  family.compare(match, own.measures, sink);
}

}  // namespace

std::optional<std::vector<Compared>> compare(const Match& match, const std::vector<NamedMeasure>& measures) {
  std::vector<Compared> found;
  for (const auto& one : measures) found.push_back({Comparison(one.measure->card().larger_is_more_similar), {}});
  try {
    for (const auto& family : families()) compare_family(match, family, measures, found);
  } catch (const Stopped&) {
    return std::nullopt;
  }
  return found;
}

std::vector<Planned> plan_comparison(const Outline& outline, const std::vector<NamedMeasure>& measures) {
  std::vector<Planned> plan;
  for (const auto& family : families()) {
    const auto own = members(family, measures);
    if (own.places.empty()) continue;
    Planned planned{family.name, {}, family.demand(outline, own.measures)};
    for (const auto place : own.places) planned.measures.push_back(measures[place].name);
    plan.push_back(std::move(planned));
  }
  return plan;
}

}  // namespace hypercast::similarity
