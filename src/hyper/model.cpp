#include "hyper/model.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "hyper/embedding.hpp"
#include "hyper/kinds.hpp"
#include "nn/mlp.hpp"

namespace hypercast::hyper {

void InrOptions::describe(Section& s) {
  s.about("The implicit neural representation u = g_theta(x) whose weights are the frame.");
  s.key("name", name, "which one").one_of(inr_registry().names());
}

void ConditionOptions::describe(Section& s) {
  s.about("What the hypernetwork is fed and how it is encoded.");
  s.key("encoder", encoder, "time_* take a time, index takes a function's number")
      .one_of(encoder_registry().names());
  s.key(
      "parameters", parameters,
      "numbers of the equation that H depends on too, e.g. [\"viscosity\"]; they vary over the trajectories");
}

void HypernetworkOptions::describe(Section& s) {
  s.about("The hypernetwork H: condition -> theta: encoder, trunk (an MLP), head.");
  s.key("head", head, "which part of theta the condition moves").one_of(head_registry().names());
  s.key("depth", depth, "trunk layers; 0: the encoder feeds the head").at_least(0);
  s.key("width", width, "neurons of a trunk layer").at_least(1);
  s.key("activation", activation, "of the trunk").one_of(nn::activation_names());
  s.key("init_scale", init_scale, "spread of theta over conditions at the start, relative to theta").above(0);
}

namespace {

auto encoder_of(const Deck& deck) {
  return kind_of(deck, "condition", deck.read<ConditionOptions>().encoder, encoder_registry());
}

template <class Real>
nn::FunctionPtr<Real> make_trunk(const HypernetworkOptions& options, std::size_t inputs) {
  if (options.depth == 0) return nullptr;
  const auto activation = nn::activation_named(options.activation);
  const auto width = static_cast<std::size_t>(options.width);
  std::vector<nn::Dense> layers;
  for (int l = 0; l < options.depth; ++l) layers.push_back({l == 0 ? inputs : width, width, activation, 1});
  return std::make_unique<nn::Mlp<Real>>(std::move(layers));
}

template <class Real>
Hypernetwork<Real> make_hypernetwork(const Deck& deck, nn::FunctionPtr<Real> encoder, const Inr<Real>& inr) {
  const auto options = deck.read<HypernetworkOptions>();
  const std::size_t parameters = deck.read<ConditionOptions>().parameters.size();
  const std::size_t features = encoder->outputs() + parameters;
  auto trunk = make_trunk<Real>(options, features);
  const std::size_t width = trunk ? trunk->outputs() : features;
  HeadShape shape{width, inr.params(), inr.hidden(), inr.blocks(), options.init_scale};
  auto head = kind_of(deck, "hypernetwork", options.head, head_registry())->make(std::move(shape), Real{});
  return Hypernetwork<Real>(std::move(encoder), parameters, std::move(trunk), std::move(head));
}

}  // namespace

void add_model_sections(Schema& schema) {
  schema.add<InrOptions>();
  add_kinds(schema, "inr", inr_registry());
  schema.add<ConditionOptions>();
  add_kinds(schema, "condition", encoder_registry());
  schema.add<HypernetworkOptions>();
  add_kinds(schema, "hypernetwork", head_registry());
}

std::string list_models() {
  return listed("INRs ([inr] name)", inr_registry()) +
         listed("condition encoders ([condition] encoder)", encoder_registry()) +
         listed("heads ([hypernetwork] head)", head_registry());
}

std::size_t ModelFacts::points() const {
  std::size_t count = 1;
  for (const auto& axis : axes) count *= axis.points.size();
  return count;
}

double ModelFacts::scaled(double time) const {
  const double length = window_end > window_start ? window_end - window_start : 1;
  return (time - window_start) / length;
}

Conditioning conditioning_of(const Deck& deck) {
  return {encoder_of(deck)->condition(), deck.read<ConditionOptions>().parameters};
}
int wanted_rates(const Deck& deck) { return encoder_of(deck)->wants_rates(); }
bool wants_modes(const Deck& deck) {
  return kind_of(deck, "inr", deck.read<InrOptions>().name, inr_registry())->wants_modes();
}

template <class Real>
Real Model<Real>::scaled(double value) const {
  if (facts.condition != Condition::time) return static_cast<Real>(value);  // a number, not a time
  return static_cast<Real>(facts.scaled(value));
}

template <class Real>
Buffer<Real> Model<Real>::initial(std::uint64_t seed) const {
  const auto [rows, width] = hypernetwork.head().map();
  Buffer<Real> phi(params());
  const std::span<Real> all(phi);
  const std::size_t front = hypernetwork.front_params();
  initialise({all.first(front), 0, rows, all.subspan(front, rows * width), all.last(rows)}, seed);
  return phi;
}

template <class Real>
void Model<Real>::initialise(const typename Hypernetwork<Real>::Piece& piece, std::uint64_t seed) const {
  Buffer<Real> start(inr.params());
  inr.initialise(start, Random(seed, Random::Purpose::weights, 0));
  hypernetwork.initialise(piece, start, seed);
}

template <class Real>
Buffer<Real> Model<Real>::scaled_parameters(std::span<const double> parameters) const {
  check(parameters.size() == facts.parameters.size(), "a condition with other parameters than its model");
  Buffer<Real> scaled;
  for (std::size_t i = 0; i < parameters.size(); ++i)
    scaled.push_back(
        static_cast<Real>((parameters[i] - facts.parameters[i].centre) / facts.parameters[i].scale));
  return scaled;
}

template <class Real>
Buffer<Real> Model<Real>::condition(double value, std::span<const double> parameters) const {
  Buffer<Real> c{scaled(value)};
  const auto more = scaled_parameters(parameters);
  c.insert(c.end(), more.begin(), more.end());
  return c;
}

namespace {

template <class Real>
Model<Real> model_with(const Deck& deck, const ModelFacts& facts, nn::FunctionPtr<Real> encoder) {
  Coordinates coordinates = Coordinates::of(facts.axes);
  const auto name = deck.read<InrOptions>().name;
  const std::size_t channels = facts.channels.size();
  const InrShape shape{facts.axes, facts.condition == Condition::code ? (code_size(deck) + 1) * channels : 0};
  Inr<Real> inr(kind_of(deck, "inr", name, inr_registry())->features(shape, Real{}), channels);
  auto hypernetwork = make_hypernetwork(deck, std::move(encoder), inr);
  return {facts, std::move(coordinates), std::move(inr), std::move(hypernetwork)};
}

}  // namespace

template <class Real>
Model<Real> make_model(const Deck& deck, const ModelFacts& facts) {
  return model_with<Real>(deck, facts, encoder_of(deck)->make(facts.conditions, Real{}));
}

std::size_t code_size(const Deck& deck) {
  return encoder_of(deck)->make(ConditionFacts{}, double{})->outputs();
}

template <class Real>
Model<Real> make_auto_decoder(const Deck& deck, const ModelFacts& facts) {
  return model_with<Real>(deck, facts, make_embedding<Real>(facts.conditions.count, code_size(deck)));
}

std::vector<double> parameters_of(const std::vector<ConditionParameter>& wanted,
                                  const std::vector<std::pair<std::string, double>>& known) {
  std::vector<double> values;
  for (const auto& parameter : wanted) {
    const auto found = std::find_if(known.begin(), known.end(),
                                    [&](const auto& entry) { return entry.first == parameter.name; });
    if (found == known.end())
      throw UserError(Exit::data,
                      "[condition] parameters: the data have no parameter '" + parameter.name + "'");
    values.push_back(found->second);
  }
  return values;
}

std::vector<std::pair<std::string, double>> named_parameters(
    const std::vector<ConditionParameter>& parameters, std::span<const double> values) {
  std::vector<std::pair<std::string, double>> named;
  for (std::size_t i = 0; i < values.size(); ++i) named.emplace_back(parameters[i].name, values[i]);
  return named;
}

template struct Model<float>;
template struct Model<double>;
template Model<float> make_model(const Deck&, const ModelFacts&);
template Model<double> make_model(const Deck&, const ModelFacts&);
template Model<float> make_auto_decoder(const Deck&, const ModelFacts&);
template Model<double> make_auto_decoder(const Deck&, const ModelFacts&);

std::string model_deck(const Deck& deck) {
  auto inr = deck.read<InrOptions>();
  auto condition = deck.read<ConditionOptions>();
  auto hypernetwork = deck.read<HypernetworkOptions>();
  return section_text("inr", inr) +
         section_text("inr." + inr.name, *kind_of(deck, "inr", inr.name, inr_registry())) +
         section_text("condition", condition) +
         section_text("condition." + condition.encoder, *encoder_of(deck)) +
         section_text("hypernetwork", hypernetwork) +
         section_text("hypernetwork." + hypernetwork.head,
                      *kind_of(deck, "hypernetwork", hypernetwork.head, head_registry()));
}

std::string layout_text(const Model<float>& model) {
  std::string text;
  for (const auto& block : model.hypernetwork.blocks())
    text += fmt::format("{} {} {} {}\n", block.name, block.offset, block.rows, block.columns);
  return text;
}

Deck deck_of_model(const Schema& schema, const std::string& text) { return Deck(schema, text, "checkpoint"); }

}  // namespace hypercast::hyper
