#pragma once
// The deck section [similarity].

#include <cstdint>
#include <string>
#include <vector>

#include "deck/deck.hpp"

namespace hypercast::similarity {

// Of lists beside one of patterns, what belongs to a pattern: one entry is for all of them, none is empty.
// `deck` refuses other lengths, naming the key.
std::string of_pattern(const Deck& deck, const char* section, const char* key,
                       const std::vector<std::string>& list, std::size_t pattern, std::size_t patterns);

struct SimilarityOptions {
  static constexpr const char* section = "similarity";
  std::vector<std::string> features;                                                          // patterns
  std::vector<std::string> name, group, layer, labels, ids, layout{"rows"}, pool{"flatten"};  // of_pattern
  std::string rows = "all";
  std::int64_t count = 0;
  std::int64_t seed = 0;
  std::string preprocess = "none";
  double clip_quantile = 0;
  std::string nonfinite = "refuse";
  std::vector<std::string> measures{"cka_debiased"};
  int jackknife = 20;
  int permutations = 0;
  double memory = 4096;
  std::string precision = "double";
  bool csv = true;
  void describe(Section& s);
};

// Models of hypercast's own: what the layers of INRs make of points.
struct InrFeatures {
  static constexpr const char* section = "similarity.inr";
  std::vector<std::string> checkpoints;
  std::vector<double> times;
  std::vector<int> layers;
  std::vector<double> parameters;
  int points = 1000;
  std::vector<std::string> name{"{1}/t{time}/layer{layer}"}, group, layer;  // of_pattern
  void describe(Section& s);
};

// Adds [similarity] and the tables of all measures.
void add_similarity_sections(Schema& schema);

}  // namespace hypercast::similarity
