#pragma once
// Scores of all pairs of models by several measures, how sure they are, and what chance would give.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "similarity/families.hpp"
#include "similarity/statistics.hpp"

namespace hypercast::similarity {

struct NamedMeasure {
  std::string name;
  std::unique_ptr<Measure> measure;
};

struct Compared {
  Comparison scores;
  std::vector<NamedValues> more;
};

// COLLECTIVE. One result a measure, in their order; the same on all ranks, with the same bits on any number
// of them. match.rows as preprocessed, not centred. Nothing when a signal asked to stop.
std::optional<std::vector<Compared>> compare(const Match& match, const std::vector<NamedMeasure>& measures);

// What each family with measures among these takes.
struct Planned {
  std::string family;
  std::vector<std::string> measures;
  Demand demand;
};
std::vector<Planned> plan_comparison(const Outline& outline, const std::vector<NamedMeasure>& measures);

}  // namespace hypercast::similarity
