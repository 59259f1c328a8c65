#pragma once
// What a Loop minimises: a function of one flat parameter vector with its gradient, batch by batch. The same
// bits on any number of ranks.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace hypercast::train {

class Objective {
 public:
  virtual ~Objective() = default;

  virtual std::size_t params() const = 0;
  // COLLECTIVE. The loss of step `step` at w; its gradient is WRITTEN to dw.
  virtual double compute(std::int64_t step, std::span<const float> w, std::span<float> dw) = 0;
  // COLLECTIVE. How good w is, as a relative L2 error, on data that training does not see if there are any.
  virtual double validate(std::span<const float> w) = 0;
  virtual std::string validated_on() const = 0;  // "held_out", "fitted", ...
  // A word in front of what the log says, when a run has several; "dynamics ".
  virtual std::string name() const { return ""; }

  // Stretches of w that take the learning rate times a factor; they tile w.
  struct RateGroup {
    std::size_t begin = 0, end = 0;
    double factor = 1;
  };
  virtual std::vector<RateGroup> rates() const { return {{0, params(), 1}}; }
};

}  // namespace hypercast::train
