#include "similarity/options.hpp"

#include <fmt/format.h>

#include "similarity/measure.hpp"

namespace hypercast::similarity {

std::string of_pattern(const Deck& deck, const char* section, const char* key,
                       const std::vector<std::string>& list, std::size_t pattern, std::size_t patterns) {
  if (list.empty()) return "";
  if (list.size() == 1) return list.front();
  if (list.size() != patterns)
    deck.fail(section, key,
              fmt::format("has {} entries for {} patterns; give one for each, or one for all", list.size(),
                          patterns));
  return list[pattern];
}

namespace {

void describe_models(Section& s, SimilarityOptions& o) {
  s.key("features", o.features,
        "files of features, a row an input: FILE.npy or FILE.h5:DATASET, with * and ? for parts of names; a "
        "model each; the lists up to pool have an entry for each, or one for all");
  s.key(
      "name", o.name,
      "of each model, {1} {2} .. being what the wildcards stood for; empty: these joined by /, or the file's "
      "name");
  s.key("group", o.group, "of each model, e.g. the network that layers belong to, in the same way");
  s.key("layer", o.layer, "of each model, for matching layers of groups, in the same way");
  s.key("labels", o.labels,
        "file of the class of each row, a whole number, as features; the same for all models unless it has "
        "{1} ..");
  s.key("ids", o.ids,
        "file of the identity of each row, a number, one a model with {1} ..: models must agree");
  s.key("layout", o.layout,
        "axes of features: rows: n d; nchw, nhwc: images; ntd: sequences of tokens; two axes are always n d")
      .one_of({"rows", "nchw", "nhwc", "ntd"});
  s.key("pool", o.pool,
        "of images and sequences: all numbers a row, means over places, or a row for each place")
      .one_of({"flatten", "average", "places"});
}

void describe_rows(Section& s, SimilarityOptions& o) {
  s.key("rows", o.rows,
        "which inputs are used, with all rows of each: all, every so-many-th, or drawn at random")
      .one_of({"all", "stride", "random"});
  s.key("count", o.count, "how many inputs stride and random take").at_least(0);
  s.key("seed", o.seed, "of inputs that are drawn, batches and permutations").at_least(0);
  s.key("preprocess", o.preprocess,
        "columns without their means (center), also divided by their deviations (standardize), or rows "
        "divided by "
        "their norms (row_norm)")
      .one_of({"none", "center", "standardize", "row_norm"});
  s.key("clip_quantile", o.clip_quantile,
        "numbers beyond this quantile of their column, at either end, are put there first; 0: none")
      .at_least(0)
      .below(0.5);
  s.key("nonfinite", o.nonfinite,
        "inputs with numbers that are not finite: refuse them, or drop them from all models")
      .one_of({"refuse", "drop"});
}

}  // namespace

void SimilarityOptions::describe(Section& s) {
  s.about("How similar models are, by what they make of the same inputs.");
  describe_models(s, *this);
  describe_rows(s, *this);
  s.key("measures", measures, "see --list");
  s.key("jackknife", jackknife,
        "groups of neighbouring inputs that are left out in turn, for standard errors; 0: none, else 2 or "
        "more")
      .at_least(0)
      .at_most(1000);
  s.key("permutations", permutations,
        "random orders of the inputs of one model against another, for p-values")
      .at_least(0)
      .at_most(100000);
  s.key("memory", memory,
        "that a rank may use for features and work, half of it for each; what needs more is refused")
      .above(0)
      .unit("MiB");
  s.key("precision", precision, "of products of kernel measures; sums are always in double")
      .one_of({"double", "float"});
  s.key("csv", csv, "also write tables of values");
}

void InrFeatures::describe(Section& s) {
  s.about("Compare layers of INRs out of checkpoints, as hypercast-train makes them, beside other features.");
  s.key("checkpoints", checkpoints, "files, with * and ? for parts of names");
  s.key("times", times, "of the frames whose INR is looked at, or numbers of functions; each a model");
  s.key("layers", layers,
        "hidden layers from 1, 0 for the fields themselves; each a model; empty: all hidden ones")
      .at_least(0);
  s.key("parameters", parameters, "values of [condition] parameters, where a model depends on some");
  s.key("points", points, "drawn at random in the domain, the same for all models: the rows").at_least(1);
  s.key("name", name,
        "of each model, {1} .. being what the wildcards stood for, {time} and {layer} those of it; one for "
        "each "
        "pattern, or one for all");
  s.key("group", group, "of each model, in the same way");
  s.key("layer", layer, "of each model, for matching layers of groups, in the same way");
}

void add_similarity_sections(Schema& schema) {
  schema.add<SimilarityOptions>();
  schema.add<InrFeatures>();
  const auto registry = measure_registry();
  for (const auto& name : registry.names()) {
    std::shared_ptr measure = registry.find(name).make();
    schema.add("similarity." + name, [measure](Section& s) { measure->describe(s); });
  }
}

}  // namespace hypercast::similarity
