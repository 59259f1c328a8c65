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

// The measures of one family, and their places in the list of all.
struct Members {
  std::vector<std::size_t> places;
  Measures measures;
};
Members members(const Family& family, const std::vector<NamedMeasure>& all);

struct Compared {
  Comparison scores;
  std::vector<NamedValues> more;
  bool complete = false;
};
// Of measures that nothing is known of yet.
std::vector<Compared> nothing_compared(const std::vector<NamedMeasure>& measures);

// COLLECTIVE. Adds what is missing to `found`, one result a measure, in their order; the same on all ranks,
// with the same bits on any number of them and however often it was stopped. match.rows as preprocessed, not
// centred. Whether all is complete: not when a signal asked to stop. finished(): a family is.
bool compare(
    const Match& match, const std::vector<NamedMeasure>& measures, std::vector<Compared>& found,
    const std::function<void()>& finished = [] {});

// What each family with measures among these takes.
struct Planned {
  std::string family;
  std::vector<std::string> measures;
  Demand demand;
};
std::vector<Planned> plan_comparison(const Outline& outline, const std::vector<NamedMeasure>& measures);

}  // namespace hypercast::similarity
