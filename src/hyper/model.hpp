#pragma once
// A model: the INR, the hypernetwork that writes its weights, and what the data said about both. A deck and
// the facts determine it; a checkpoint holds those two and phi.

#include "deck/deck.hpp"
#include "hyper/coordinates.hpp"
#include "hyper/encoder.hpp"
#include "hyper/hypernetwork.hpp"
#include "hyper/inr.hpp"
#include "io/trajectory.hpp"

namespace hypercast::hyper {

struct InrOptions {
  static constexpr const char* section = "inr";
  std::string name = "siren";
  void describe(Section& s);
};

struct ConditionOptions {
  static constexpr const char* section = "condition";
  std::string encoder = "time_fourier";
  std::vector<std::string> parameters;
  void describe(Section& s);
};

struct HypernetworkOptions {
  static constexpr const char* section = "hypernetwork";
  std::string head = "full";
  int depth = 2;
  int width = 64;
  std::string activation = "gelu";
  double init_scale = 0.1;
  void describe(Section& s);
};

// [inr], [condition], [hypernetwork] and the table of every registered kind.
void add_model_sections(Schema& schema);
std::string list_models();  // for --list

// A number of the equation that H depends on, mu; it is fed as (mu - centre) / scale.
struct ConditionParameter {
  std::string name;
  double centre = 0, scale = 1;
  bool operator==(const ConditionParameter&) const = default;
};

// Where the codes of the training frames lie: what is known of a code before anything is observed.
struct CodeFacts {
  std::vector<double> mean;        // [size]
  std::vector<double> covariance;  // [size][size]
  double noise = 0;                // mean square of what codes cannot hold of a field, in normalised units
  std::size_t size() const { return mean.size(); }
};

// What the training data add to the deck. Kept in the checkpoint.
struct ModelFacts {
  std::string dataset_name;
  std::vector<std::string> channels;
  std::vector<double> mean, scale;  // per channel: field = mean + scale * network
  std::vector<io::Axis> axes;       // the training grid
  double window_start = 0;          // In-t: first and last time of the training window
  double window_end = 1;
  std::vector<double> train_times;     // of the frames fitted
  std::vector<double> held_out_times;  // In-t frames that were not
  double frame_interval = 0;
  int trajectory = 0;  // which one was learned (time conditions)
  Condition condition = Condition::time;
  ConditionFacts conditions;
  std::vector<ConditionParameter> parameters;
  CodeFacts codes;             // Condition::code, when they are known
  double observed = 1;         // part of the points that training saw
  bool own_masks = false;      // each trajectory had a mask of its own
  std::int64_t mask_seed = 1;  // of masks that were drawn

  std::size_t points() const;
  // A time as the encoder takes it: the training window is [0, 1]. (A window of one frame has unit length.)
  double scaled(double time) const;
};

template <class Real>
struct Model {
  ModelFacts facts;
  Coordinates coordinates;
  Inr<Real> inr;
  Hypernetwork<Real> hypernetwork;

  std::size_t params() const { return hypernetwork.params(); }
  // A time or an index as the encoder takes it.
  Real scaled(double condition) const;
  // The condition of a time (index, ...) for an equation with these numbers.
  Buffer<Real> condition(double value, std::span<const double> parameters = {}) const;
  // The numbers of an equation that H depends on, as H takes them.
  Buffer<Real> scaled_parameters(std::span<const double> parameters) const;
  // phi as training begins: the whole, or a piece of it.
  Buffer<Real> initial(std::uint64_t seed) const;
  void initialise(const typename Hypernetwork<Real>::Piece& piece, std::uint64_t seed) const;
};

template <class Real>
Model<Real> make_model(const Deck& deck, const ModelFacts& facts);
// The same model of codes with a table in front: condition i is the number of a training frame, whose code is
// a free parameter. The rest of phi is that of make_model().
template <class Real>
Model<Real> make_auto_decoder(const Deck& deck, const ModelFacts& facts);

// The values of the condition's parameters among those of an equation. UserError (Exit::data) when one is not
// there.
std::vector<double> parameters_of(const std::vector<ConditionParameter>& wanted,
                                  const std::vector<std::pair<std::string, double>>& known);

// The other way round: each value with its name.
std::vector<std::pair<std::string, double>> named_parameters(
    const std::vector<ConditionParameter>& parameters, std::span<const double> values);

// The blocks of phi, a line "name offset rows columns" each.
std::string layout_text(const Model<float>& model);

// What the deck's encoder asks of the data.
Conditioning conditioning_of(const Deck& deck);
int wanted_rates(const Deck& deck);
// Whether the deck's INR is made of modes that are taken from the data (hyper/grid_modes.hpp).
bool wants_modes(const Deck& deck);
std::size_t code_size(const Deck& deck);  // of a deck whose condition is a code

// The sections that make the model, with every value in force, as a deck of their own. Two models whose texts
// and facts agree take each other's parameters.
std::string model_deck(const Deck& deck);
// A deck made of such a text; `schema` must hold the model sections and outlive it.
Deck deck_of_model(const Schema& schema, const std::string& text);

}  // namespace hypercast::hyper
