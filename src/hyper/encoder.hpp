#pragma once
// The first stage of a hypernetwork: a condition c (a scaled time, an index or a code) turned into features.
//
// An encoder is one file, src/hyper/encoders/<name>.cpp: a kind that describes its table
// [condition.<name>] and makes a function of one input, for codes of as many as a code has numbers. Times are
// scaled so that the training window is [0, 1]; indices come as they are, 0, 1, 2, ...

#include <complex>
#include <functional>
#include <memory>
#include <vector>

#include "core/registry.hpp"
#include "deck/section.hpp"
#include "nn/function.hpp"

namespace hypercast::hyper {

// time: of a frame of one trajectory; index: the number of a function; code: a point in a space of frames,
// found from observations.
enum class Condition { time, index, code };

// What the hypernetwork is fed: that, and beside it these numbers of the equation.
struct Conditioning {
  Conditioning(Condition kind_ = Condition::time, std::vector<std::string> parameters_ = {})
      : kind(kind_), parameters(std::move(parameters_)) {}
  Condition kind;
  std::vector<std::string> parameters;
};

// What the data say about the conditions; kept in the checkpoint, since it shapes the encoder.
struct ConditionFacts {
  std::size_t count = 0;                    // of different training conditions
  std::vector<std::complex<double>> rates;  // e^{rate t} of the training frames, t scaled; see wants_rates
};

class EncoderKind {
 public:
  virtual ~EncoderKind() = default;
  virtual void describe(Section& section) = 0;
  virtual Condition condition() const { return Condition::time; }
  // How many rates of a dynamic mode decomposition of the training frames it starts from; 0: none.
  virtual int wants_rates() const { return 0; }
  virtual nn::FunctionPtr<float> make(const ConditionFacts& facts, float) const = 0;
  virtual nn::FunctionPtr<double> make(const ConditionFacts& facts, double) const = 0;
};

using EncoderRegistry = Registry<std::function<std::unique_ptr<EncoderKind>()>>;
void register_encoders(EncoderRegistry& registry);  // all files of encoders/
EncoderRegistry encoder_registry();

}  // namespace hypercast::hyper
