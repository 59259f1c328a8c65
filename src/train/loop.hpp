#pragma once
// The step loop: gradient, clipping, Adam, progress, metrics, checkpoints, signals.

#include <functional>

#include "core/context.hpp"
#include "io/metrics.hpp"
#include "train/objective.hpp"
#include "train/options.hpp"
#include "train/state.hpp"

namespace hypercast::train {

class Loop {
 public:
  // `save` writes a checkpoint of the state (COLLECTIVE) and says where; `metrics` is null on ranks other
  // than 0.
  Loop(const Context& context, Objective& objective, const LoopOptions& options, double progress_interval,
       std::function<std::string(const State&)> save, io::Metrics* metrics);

  // COLLECTIVE. Runs until the last step or a wish to stop. UserError (Exit::diverged) with the last
  // checkpoint when the loss or its gradient is not finite. A state from which training could not go on is
  // never saved.
  Exit run(State& state);

 private:
  struct Report {
    double loss = 0, gradient_norm = 0, rate = 0;
  };
  Report look(const State& state, bool norm);
  bool is_told(std::int64_t step) const;
  Report step(State& state);
  void add_metrics(State& state, const Report& report);
  void show_progress(const State& state, const Report& report);
  bool checkpoint_is_due(const State& state) const;
  void checkpoint(State& state);

  const Context& context_;
  Objective& objective_;
  const LoopOptions& options_;
  double progress_interval_;
  std::function<std::string(const State&)> save_;
  io::Metrics* metrics_;
  std::int64_t first_step_ = 0;
  double started_ = 0, last_progress_ = 0, last_saved_ = 0;
};

}  // namespace hypercast::train
