#include "train/loop.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "core/denormals.hpp"
#include "nn/adam.hpp"

namespace hypercast::train {

namespace {

std::string diverged_text(const State& state) {
  return fmt::format(
      "diverged: the loss or its gradient is not finite at step {}; last checkpoint: {}; try a lower "
      "rate or a stronger clip",
      state.steps() + 1, state.file.empty() ? "none" : state.file);
}

}  // namespace

Loop::Loop(const Context& context, Objective& objective, const LoopOptions& options, double progress_interval,
           std::function<std::string(const State&)> save, io::Metrics* metrics)
    : context_(context),
      objective_(objective),
      options_(options),
      progress_interval_(progress_interval),
      save_(std::move(save)),
      metrics_(metrics) {}

Exit Loop::run(State& state) {
  const FlushDenormals flush;
  first_step_ = state.step;
  started_ = last_progress_ = last_saved_ = wall_seconds();
  while (state.step < options_.steps) {
    const auto report = step(state);
    const bool last = state.step == options_.steps;
    add_metrics(state, report);
    show_progress(state, report);
    const Wish wish = context_.signals.poll(context_.comm);
    if (wish.at_once) return Exit::again;
    const bool due = checkpoint_is_due(state);
    if (last || wish.checkpoint || wish.stop || due) checkpoint(state);
    if (wish.stop && !last) {
      context_.log.info("stopped step {} checkpoint {}: go on with --resume auto", state.steps(), state.file);
      return Exit::again;
    }
  }
  return Exit::ok;
}

// The loss and, if it is wanted, the gradient's norm.
Loop::Report Loop::look(const State& state, bool norm) {
  Report report;
  report.loss = objective_.evaluate(state.step, state.phi);
  report.gradient_norm = norm ? objective_.gradient_norm(state.phi) : 0;
  if (!std::isfinite(report.loss) || !std::isfinite(report.gradient_norm))
    throw UserError(Exit::diverged, diverged_text(state));
  return report;
}

// Whether metrics get a row after so many steps.
bool Loop::is_told(std::int64_t step) const {
  return step == options_.steps || step % options_.metrics_every == 0 ||
         (options_.validate_every > 0 && step % options_.validate_every == 0);
}

Loop::Report Loop::step(State& state) {
  const auto scope = context_.timers.scope("step");
  Report report = look(state, options_.clip > 0 || is_told(state.step + 1));
  const bool clipped = options_.clip > 0 && report.gradient_norm > options_.clip;
  const float factor = clipped ? static_cast<float>(options_.clip / report.gradient_norm) : 1.0f;
  report.rate =
      nn::cosine_rate(state.step, options_.warmup, options_.steps, options_.rate, options_.last_rate);
  nn::AdamStep adam;
  adam.options.weight_decay = options_.weight_decay;
  adam.rate = report.rate;
  adam.number = state.step + 1;
  objective_.descend(adam, factor, {state.phi, state.first_moment, state.second_moment});
  ++state.step;
  return report;
}

void Loop::add_metrics(State& state, const Report& report) {
  const bool last = state.step == options_.steps;
  const bool validated = last || (options_.validate_every > 0 && state.step % options_.validate_every == 0);
  if (!is_told(state.step)) return;
  double error = std::numeric_limits<double>::quiet_NaN();
  if (validated) {
    const auto scope = context_.timers.scope("validation");
    error = objective_.validate(state.phi);
    context_.log.info("{}step {} loss {:.3e} {} relative_l2 {:.3e}", objective_.name(), state.step,
                      report.loss, objective_.validated_on(), error);
    if (options_.keep_best && error < state.best_error) {
      state.best_error = error;
      state.best = state.phi;
    }
  }
  if (metrics_)
    metrics_->add(state.steps(), std::vector{report.loss, report.gradient_norm, report.rate, error});
}

void Loop::show_progress(const State& state, const Report& report) {
  const double now = wall_seconds();
  if (!context_.comm.is_root() || now - last_progress_ < progress_interval_) return;
  last_progress_ = now;
  const double each = (now - started_) / static_cast<double>(state.step - first_step_);
  context_.log.info("{}step {}/{} {:.1f}% loss={:.3e} rate={:.1e} {:.2f} ms/step ETA {}", objective_.name(),
                    state.step, options_.steps, 100.0 * static_cast<double>(state.step) / options_.steps,
                    report.loss, report.rate, 1e3 * each,
                    clock_text(each * static_cast<double>(options_.steps - state.step)));
}

bool Loop::checkpoint_is_due(const State& state) const {
  const bool by_step = options_.checkpoint_every > 0 && state.step % options_.checkpoint_every == 0;
  const double waited = context_.comm.max(wall_seconds() - last_saved_);
  return by_step || (options_.checkpoint_interval > 0 && waited > options_.checkpoint_interval);
}

void Loop::checkpoint(State& state) {
  look(state, true);  // throws unless the next step can be made
  const auto scope = context_.timers.scope("checkpoint");
  state.file = save_(state);
  last_saved_ = wall_seconds();
  if (metrics_) metrics_->save();
  context_.log.info("checkpoint step {} {}", state.steps(), state.file);
}

}  // namespace hypercast::train
