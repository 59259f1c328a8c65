#include "hyper/difference.hpp"

#include <algorithm>
#include <sstream>

namespace hypercast::hyper {

namespace {

// The lines of a deck, each key with its section in front.
std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::string section;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with('[')) section = line;
    lines.push_back(line.starts_with('[') ? line : section + " " + line);
  }
  return lines;
}

}  // namespace

std::string mismatch(const std::string& deck, const ModelFacts& facts, const std::string& other_deck,
                     const ModelFacts& other_facts) {
  const auto mine = lines_of(deck), theirs = lines_of(other_deck);
  for (std::size_t i = 0; i < std::max(mine.size(), theirs.size()); ++i) {
    const std::string a = i < mine.size() ? mine[i] : "nothing",
                      b = i < theirs.size() ? theirs[i] : "nothing";
    if (a != b) return a + " here, " + b + " there";
  }
  if (facts.channels != other_facts.channels) return "other fields";
  if (facts.axes.size() != other_facts.axes.size()) return "another number of dimensions";
  for (std::size_t k = 0; k < facts.axes.size(); ++k)
    if ((facts.axes[k].boundary == io::Boundary::periodic) !=
        (other_facts.axes[k].boundary == io::Boundary::periodic))
      return "axis " + facts.axes[k].name + " is periodic in one of them only";
  if (facts.conditions.rates.size() != other_facts.conditions.rates.size())
    return "another number of oscillators";
  if (facts.condition == Condition::index && facts.conditions.count != other_facts.conditions.count)
    return "another number of functions";
  return "";
}

std::string data_difference(const ModelFacts& a, const ModelFacts& b) {
  if (const auto grid = io::grid_difference(a.axes, b.axes); !grid.empty()) return grid;
  if (a.dataset_name != b.dataset_name) return "another dataset";
  if (a.trajectory != b.trajectory) return "another trajectory";
  if (a.window_start != b.window_start || a.window_end != b.window_end) return "another training window";
  if (a.train_times != b.train_times || a.held_out_times != b.held_out_times) return "other frames held out";
  if (a.observed != b.observed || a.own_masks != b.own_masks || a.mask_seed != b.mask_seed)
    return "other points observed";
  if (a.parameters != b.parameters) return "other parameters of the equation";
  if (a.mean != b.mean || a.scale != b.scale || a.conditions.rates != b.conditions.rates)
    return "other values of the fields";
  return "";
}

}  // namespace hypercast::hyper
