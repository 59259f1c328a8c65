#include "similarity/compare.hpp"

#include <algorithm>

namespace hypercast::similarity {

namespace {

Done done_of(const Comparison& scores) {
  return {!scores.value.entries.empty(), static_cast<int>(scores.without.count),
          static_cast<int>(scores.permuted.count)};
}

// Whether there was anything to do.
bool compare_family(const Match& match, const Family& family, const std::vector<NamedMeasure>& all,
                    std::vector<Compared>& found) {
  const auto own = members(family, all);
  if (std::all_of(own.places.begin(), own.places.end(), [&](auto place) { return found[place].complete; }))
    return false;
  heed(match.context);
  const auto scope = match.context.timers.scope(family.name);
  const auto of = [&](std::size_t measure) -> Compared& { return found[own.places[measure]]; };
  Sink sink;
  sink.done = [&](std::size_t i) { return done_of(of(i).scores); };
  sink.value = [&](std::size_t i, Scores s) { of(i).scores.value = std::move(s); };
  sink.without = [&](std::size_t i, const Scores& s) { of(i).scores.without.add(s); };
  sink.permuted = [&](std::size_t i, const Scores& s) { of(i).scores.add_permuted(s); };
  sink.more = [&](std::size_t i, std::vector<NamedValues> values) { of(i).more = std::move(values); };
  family.compare(match, own.measures, sink);
  for (const auto place : own.places) found[place].complete = true;
  return true;
}

}  // namespace

Members members(const Family& family, const std::vector<NamedMeasure>& all) {
  Members found;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (family.has(*all[i].measure)) {
      found.places.push_back(i);
      found.measures.push_back(all[i].measure.get());
    }
  return found;
}

std::vector<Compared> nothing_compared(const std::vector<NamedMeasure>& measures) {
  std::vector<Compared> nothing(measures.size());
  for (std::size_t i = 0; i < measures.size(); ++i)
    nothing[i].scores.larger_is_more_similar = measures[i].measure->card().larger_is_more_similar;
  return nothing;
}

bool compare(const Match& match, const std::vector<NamedMeasure>& measures, std::vector<Compared>& found,
             const std::function<void()>& finished) {
  try {
    for (const auto& family : families())
      if (compare_family(match, family, measures, found)) finished();
  } catch (const Stopped&) {
    return false;
  }
  return true;
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
