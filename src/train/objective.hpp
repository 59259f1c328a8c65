#pragma once
// What a Loop minimises: a function of parameters with its gradient, batch by batch. The same bits on any
// number of ranks. Parameters may be divided among ranks; every call takes and moves what this rank holds of
// them (train/shards.hpp). The gradient stays with the objective, in whatever form it comes.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "nn/adam.hpp"
#include "train/shards.hpp"

namespace hypercast::train {

// Parameters of this rank with Adam's moments.
struct Moving {
  std::span<float> w, m, v;
  Moving part(std::size_t begin, std::size_t end) const {
    return {w.subspan(begin, end - begin), m.subspan(begin, end - begin), v.subspan(begin, end - begin)};
  }
};

class Objective {
 public:
  virtual ~Objective() = default;

  virtual const Shards& shards() const = 0;
  // The ranks among which the rows of shards() are divided. There may be several such groups.
  virtual const Comm& group() const = 0;
  // COLLECTIVE. The loss of step `step` at w. What follows is about this step and w.
  virtual double evaluate(std::int64_t step, std::span<const float> w) = 0;
  // COLLECTIVE. The Euclidean norm of the gradient.
  virtual double gradient_norm(std::span<const float> w) = 0;
  // COLLECTIVE. A step of Adam against `factor` times the gradient.
  virtual void descend(const nn::AdamStep& step, float factor, const Moving& parameters) = 0;
  // COLLECTIVE. How good w is, as a relative L2 error, on data that training does not see if there are any.
  virtual double validate(std::span<const float> w) = 0;
  virtual std::string validated_on() const = 0;  // "held_out", "fitted", ...
  // A word in front of what the log says, when a run has several; "dynamics ".
  virtual std::string name() const { return ""; }
};

// One whose parameters are few: every rank has all of them and the whole gradient.
class SmallObjective : public Objective {
 public:
  SmallObjective(const Comm& comm, std::size_t parameters)
      : group_(comm), shards_(replicate(comm, parameters)), gradient_(parameters) {}

  std::size_t params() const { return gradient_.size(); }
  // COLLECTIVE. The loss of step `step` at w; its gradient is WRITTEN to dw.
  virtual double compute(std::int64_t step, std::span<const float> w, std::span<float> dw) = 0;

  const Shards& shards() const override { return shards_; }
  const Comm& group() const override { return group_; }
  double evaluate(std::int64_t step, std::span<const float> w) override {
    return compute(step, w, gradient_);
  }
  double gradient_norm(std::span<const float>) override { return nn::norm<float>(gradient_); }
  void descend(const nn::AdamStep& step, float factor, const Moving& p) override {
    nn::adam<float>(step, factor, gradient_, p.w, p.m, p.v);
  }

 private:
  const Comm& group_;
  Shards shards_;
  Buffer<float> gradient_;
};

}  // namespace hypercast::train
