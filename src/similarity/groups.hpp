#pragma once
// What scores say about models that belong together. Not collective.

#include <string>
#include <vector>

namespace hypercast::similarity {

// For every layer of a network, which layer of each other network is the most similar one? S. Kornblith, M.
// Norouzi, H. Lee, G. Hinton, "Similarity of neural network representations revisited", ICML 2019. Networks
// are groups; scores of both directions are added where they differ. An undefined score is no match.
struct LayerMatch {
  struct Row {
    std::string from, to;        // groups
    std::string layer, matched;  // of `from`, of `to`; matched is empty when no score is defined
    bool correct = false;        // the names of the layers agree
  };
  std::vector<Row> rows;
  double accuracy = 0;  // part of the rows that are correct
  double chance = 0;    // expected of a random choice
};

// score[M][M]; group and layer of each model. Layers of a network that another one lacks are left out.
LayerMatch match_layers(const std::vector<double>& score, const std::vector<std::string>& group,
                        const std::vector<std::string>& layer, bool larger_is_more_similar);

// How well scores tell pairs of one group from other pairs.
struct Separation {
  double average_precision = 0;  // area under the precision-recall curve, pairs of one group being positive
  double base_rate = 0;          // part of all pairs that are: what chance would give
  double violations =
      0;  // part of all (i, j, k), j in the group of i and k not, with k at least as similar to i
};
// Pairs with undefined scores are left out. All NaN without pairs of both kinds.
Separation separate_groups(const std::vector<double>& score, const std::vector<std::string>& group,
                           bool larger_is_more_similar);

}  // namespace hypercast::similarity
