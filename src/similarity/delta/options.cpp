#include "similarity/delta/options.hpp"

#include <fmt/format.h>

#include "core/error.hpp"

namespace hypercast::similarity {

namespace {

void describe_features(DeltaOptions& o, Section& s) {
  s.key("preset", o.preset,
        "what auto stands for; default: features = centred, map = relative, conditioning = shared, step "
        "= relative, score = normalised; seed: the scheme as first published (Jaisidh Singh, New POVs on "
        "hypernetworks, 2025), features = as_given, map = raw, conditioning = embed, step = fixed, score = "
        "raw, which depends on the order and signs of neurons: two copies of a model that differ in those "
        "alone score about 0")
      .one_of({"default", "seed"});
  s.key("features", o.features,
        "centred: columns without their mean, rows of mean norm 1; as_given: untouched")
      .one_of({"auto", "centred", "as_given"});
  s.key("map", o.map,
        "raw: features, with zeros up to the widest model; relative: cosines with anchor rows, the same "
        "for all models; gram: inner products with all rows")
      .one_of({"auto", "raw", "relative", "gram"});
  s.key("anchors", o.anchors,
        "rows of the relative map, drawn with the seed; 0: a quarter of all, at most 256")
      .at_least(0);
}

void describe_hypernetwork(DeltaOptions& o, Section& s) {
  s.key("conditioning", o.conditioning,
        "what tells the hypernetwork models apart; shared: nothing; spectrum: logarithms of the "
        "eigenvalues of the covariance of features; embed: random numbers; onehot: the number of the "
        "model; mean: the mean of features, in a random projection; user: vectors")
      .one_of({"auto", "shared", "spectrum", "embed", "onehot", "mean", "user"});
  s.key("vectors", o.vectors,
        "of conditioning = user: one list of numbers for each model, all of one length");
  s.key("learned", o.learned, "with conditioning = embed, the step on A's loss moves A's numbers too");
  s.key("hypernetwork", o.hypernetwork, "mlp: one hidden layer; linear: none").one_of({"mlp", "linear"});
  s.key("code_size", o.code_size, "numbers that stand for a model; ignored by onehot and user").at_least(1);
  s.key("hidden", o.hidden, "neurons of the hidden layer").at_least(1);
  s.key("activation", o.activation, "of the hidden layer").one_of(nn::activation_names());
  s.key("bias", o.bias, "whether the output layer has one");
  s.key("init_scale", o.init_scale,
        "spread of the output layer's first weights, in units of 1 / sqrt(its inputs x features)")
      .at_least(0);
}

void describe_descent(DeltaOptions& o, Section& s) {
  s.key("loss", o.loss, "cross_entropy of labels; squared: |F W - Y|^2 / (2 n), Y 1 at the label, else 0")
      .one_of({"cross_entropy", "squared"});
  s.key("step", o.step, "relative: eta = rho x loss / |gradient|^2 for each model; fixed: eta")
      .one_of({"auto", "relative", "fixed"});
  s.key("rho", o.rho, "by what part a step lowers a model's own loss, to first order").above(0).below(1);
  s.key("eta", o.eta, "length of a fixed step").above(0);
  s.key("steps", o.steps, "of gradient descent on A's loss").at_least(1);
}

void describe_score(DeltaOptions& o, Section& s) {
  s.key("repeats", o.repeats, "hypernetworks drawn, whose results are averaged").at_least(1);
  s.key("score", o.score,
        "normalised: Delta in units of eta over the geometric mean of the models' own; raw: Delta itself")
      .one_of({"auto", "normalised", "raw"});
  s.key("twin", o.twin,
        "normalise each model by itself under the other's conditioning, which takes the similarity of "
        "the conditionings out; auto: wherever models are told apart; costs about four times as much")
      .one_of({"auto", "yes", "no"});
  s.key("precision", o.precision, "of features and products with them").one_of({"double", "float"});
  s.key("seed", o.seed, "of hypernetworks, random conditioning and anchors").at_least(0);
}

}  // namespace

void DeltaOptions::describe(Section& s) {
  s.about(
      "Delta(A -> B): the fall of B's loss when a hypernetwork, which writes a linear classifier for "
      "each model, takes a step on A's loss only.");
  describe_features(*this, s);
  describe_hypernetwork(*this, s);
  describe_descent(*this, s);
  describe_score(*this, s);
}

namespace {

[[noreturn]] void refuse(const std::string& text) {
  throw UserError(Exit::data, "[similarity.delta] " + text);
}

// The preset's word where the user said none.
std::string word(const DeltaOptions& o, const std::string& given, const char* meaningful, const char* seed) {
  if (given != "auto") return given;
  return o.preset == "seed" ? seed : meaningful;
}

FeatureMap map_named(const std::string& name) {
  if (name == "raw") return FeatureMap::raw;
  return name == "gram" ? FeatureMap::gram : FeatureMap::relative;
}

ModelCode code_named(const std::string& name) {
  if (name == "spectrum") return ModelCode::spectrum;
  if (name == "embed") return ModelCode::embed;
  if (name == "onehot") return ModelCode::onehot;
  if (name == "mean") return ModelCode::mean;
  return name == "user" ? ModelCode::user : ModelCode::shared;
}

void check_scheme(const DeltaScheme& scheme) {
  if (scheme.conditioning == ModelCode::onehot && !scheme.trunk && !scheme.bias)
    refuse(
        "conditioning = onehot with hypernetwork = linear and bias = false shares nothing between "
        "models: their Delta is zero whatever they compute");
  if (scheme.learned && scheme.conditioning != ModelCode::embed)
    refuse("learned = true needs conditioning = embed");
  if ((scheme.conditioning == ModelCode::user) == scheme.vectors.empty())
    refuse("vectors and conditioning = user belong together");
  for (const auto& vector : scheme.vectors)
    if (vector.empty() || vector.size() != scheme.vectors.front().size())
      refuse("vectors: all must have as many numbers, at least one");
}

}  // namespace

DeltaOptions in_force(const DeltaOptions& given) {
  DeltaOptions o = given;
  o.features = word(o, given.features, "centred", "as_given");
  o.map = word(o, given.map, "relative", "raw");
  o.conditioning = word(o, given.conditioning, "shared", "embed");
  o.step = word(o, given.step, "relative", "fixed");
  o.score = word(o, given.score, "normalised", "raw");
  if (o.twin == "auto") o.twin = o.conditioning != "shared" && o.score == "normalised" ? "yes" : "no";
  return o;
}

DeltaScheme scheme_of(const DeltaOptions& given) {
  const DeltaOptions o = in_force(given);
  DeltaScheme scheme;
  scheme.centred = o.features == "centred";
  scheme.map = map_named(o.map);
  scheme.anchors = o.anchors;
  scheme.conditioning = code_named(o.conditioning);
  scheme.vectors = o.vectors;
  scheme.learned = o.learned;
  scheme.trunk = o.hypernetwork == "mlp";
  scheme.code_size = static_cast<std::size_t>(o.code_size);
  scheme.hidden = static_cast<std::size_t>(o.hidden);
  scheme.activation = nn::activation_named(o.activation);
  scheme.bias = o.bias;
  scheme.init_scale = o.init_scale;
  scheme.loss = o.loss == "squared" ? ReadoutLoss::squared : ReadoutLoss::cross_entropy;
  scheme.relative_step = o.step == "relative";
  scheme.rho = o.rho;
  scheme.eta = o.eta;
  scheme.steps = o.steps;
  scheme.repeats = o.repeats;
  scheme.normalised = o.score == "normalised";
  scheme.twin = o.twin == "yes";
  scheme.single_precision = o.precision == "float";
  scheme.seed = static_cast<std::uint64_t>(o.seed);
  check_scheme(scheme);
  return scheme;
}

void check_vectors(const DeltaScheme& scheme, std::size_t models) {
  if (scheme.conditioning == ModelCode::user && scheme.vectors.size() != models)
    refuse(fmt::format("vectors: {} for {} models", scheme.vectors.size(), models));
}

}  // namespace hypercast::similarity
