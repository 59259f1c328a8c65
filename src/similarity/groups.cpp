#include "similarity/groups.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace hypercast::similarity {

namespace {

// Both directions together, larger meaning more similar.
double similarity(const std::vector<double>& score, std::size_t models, std::size_t x, std::size_t y,
                  bool larger) {
  const double both = score[x * models + y] + score[y * models + x];
  return larger ? both : -both;
}

}  // namespace

LayerMatch match_layers(const std::vector<double>& score, const std::vector<std::string>& group,
                        const std::vector<std::string>& layer, bool larger_is_more_similar) {
  LayerMatch match;
  const std::size_t models = group.size();
  const std::set<std::string> networks(group.begin(), group.end());
  double correct = 0, chance = 0;
  for (std::size_t x = 0; x < models; ++x)
    for (const auto& network : networks) {
      if (network == group[x]) continue;
      LayerMatch::Row row{group[x], network, layer[x], "", false};
      double best = -std::numeric_limits<double>::infinity();
      std::size_t layers = 0;
      bool has = false;
      for (std::size_t y = 0; y < models; ++y) {
        if (group[y] != network) continue;
        ++layers;
        has = has || layer[y] == layer[x];
        const double both = similarity(score, models, x, y, larger_is_more_similar);
        if (!(both > best)) continue;
        best = both;
        row.matched = layer[y];
      }
      if (!has) continue;
      row.correct = row.matched == row.layer;
      correct += row.correct;
      chance += 1.0 / static_cast<double>(layers);
      match.rows.push_back(std::move(row));
    }
  const auto count = static_cast<double>(match.rows.size());
  match.accuracy = correct / count;
  match.chance = chance / count;
  return match;
}

namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

// Of two models: how similar they are, and whether they belong together.
using ScoredPair = std::pair<double, bool>;

// Area under the curve of precision over recall. Equal scores count together: a threshold cannot part them.
double average_precision(std::vector<ScoredPair> pairs, double positive) {
  std::sort(pairs.begin(), pairs.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  double hits = 0, area = 0;
  for (std::size_t i = 0; i < pairs.size();) {
    std::size_t end = i;
    double of_these = 0;
    for (; end < pairs.size() && pairs[end].first == pairs[i].first; ++end) of_these += pairs[end].second;
    hits += of_these;
    area += of_these * hits / static_cast<double>(end);
    i = end;
  }
  return area / positive;
}

// The part of triples of a model, one of its group and one of another, in which the other is no less similar.
double violations(const std::vector<double>& score, const std::vector<std::string>& group, bool larger) {
  const std::size_t models = group.size();
  double triples = 0, violated = 0;
  for (std::size_t i = 0; i < models; ++i)
    for (std::size_t j = 0; j < models; ++j)
      for (std::size_t k = 0; k < models; ++k) {
        if (j == i || group[j] != group[i] || group[k] == group[i]) continue;
        const double near = similarity(score, models, i, j, larger);
        const double far = similarity(score, models, i, k, larger);
        if (!std::isfinite(near) || !std::isfinite(far)) continue;
        ++triples;
        violated += far >= near;
      }
  return triples > 0 ? violated / triples : none;
}

}  // namespace

Separation separate_groups(const std::vector<double>& score, const std::vector<std::string>& group,
                           bool larger_is_more_similar) {
  const std::size_t models = group.size();
  std::vector<ScoredPair> pairs;
  double positive = 0;
  for (std::size_t x = 0; x < models; ++x)
    for (std::size_t y = x + 1; y < models; ++y) {
      const double both = similarity(score, models, x, y, larger_is_more_similar);
      if (!std::isfinite(both)) continue;
      pairs.emplace_back(both, group[x] == group[y]);
      positive += pairs.back().second;
    }
  const auto all = static_cast<double>(pairs.size());
  if (positive == 0 || positive == all) return {none, none, none};
  Separation found;
  found.base_rate = positive / all;
  found.average_precision = average_precision(std::move(pairs), positive);
  found.violations = violations(score, group, larger_is_more_similar);
  return found;
}

}  // namespace hypercast::similarity
