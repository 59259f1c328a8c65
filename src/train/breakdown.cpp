#include "train/breakdown.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/error.hpp"

namespace hypercast::train {

namespace {

// A phase, the timers that are part of it, and its floor.
struct Part {
  const char* name;
  std::vector<const char*> timers;
  double (*floor)(const StepCost&) = nullptr;
};

const std::vector<Part>& parts() {
  static const std::vector<Part> all{
      {"reading", {"read"}},
      {"trunk", {"trunk", "trunk backward"}, [](const StepCost& c) { return c.trunk; }},
      {"head forward", {"head"}, [](const StepCost& c) { return c.head_forward; }},
      {"frames", {"frames"}, [](const StepCost& c) { return c.inr + c.sincos; }},
      {"rollouts", {"rollouts"}},
      {"head backward and optimiser",
       {"head backward", "optimiser", "replicas"},
       [](const StepCost& c) { return c.head_backward + c.replicas; }},
      {"gradient norm", {"gradient norm"}},
      {"exchange", {"exchange"}, [](const StepCost& c) { return c.communication() - c.replicas; }}};
  return all;
}

double number_or_nan(const std::optional<double>& value) {
  return value.value_or(std::numeric_limits<double>::quiet_NaN());
}

}  // namespace

StepTimes step_times(const Timers& timers) {
  StepTimes times{timers.seconds("step"), {}};
  for (const auto& part : parts()) {
    double seconds = 0;
    for (const char* name : part.timers) seconds += timers.seconds_within("step", name);
    times.phases.push_back(seconds);
  }
  return times;
}

std::optional<double> Phase::reached() const {
  if (!floor || !(seconds > 0)) return {};
  return *floor / seconds;
}

std::vector<Phase> breakdown(const Comm& comm, const StepTimes& before, const StepTimes& after,
                             std::int64_t steps, const std::optional<StepCost>& floors) {
  check(steps > 0, "a breakdown of no steps");
  const auto slowest = [&](double mine) { return comm.max(mine) / static_cast<double>(steps); };
  const double step = after.step - before.step;
  double rest = step;
  std::vector<Phase> phases;
  for (std::size_t i = 0; i < parts().size(); ++i) {
    const auto& part = parts()[i];
    const double mine = after.phases[i] - before.phases[i];
    rest -= mine;
    Phase phase{part.name, slowest(mine), 0, {}};
    if (floors && part.floor && part.floor(*floors) > 0) phase.floor = part.floor(*floors);
    if (phase.seconds > 0 || phase.floor) phases.push_back(std::move(phase));
  }
  phases.push_back({"rest of the step", slowest(std::max(0.0, rest)), 0, {}});
  phases.push_back({"step", slowest(step), 0, {}});
  if (floors) phases.back().floor = floors->seconds();
  const double whole = phases.back().seconds;
  for (Phase& phase : phases) phase.share = whole > 0 ? phase.seconds / whole : 0;
  return phases;
}

std::string table_of(const std::vector<Phase>& phases) {
  const bool floors = phases.back().floor.has_value();
  std::string text = fmt::format("{:<27}  {:>9}  {:>7}", "phase", "ms a step", "share");
  if (floors) text += fmt::format("  {:>9}  {:>16}", "floor ms", "floor / measured");
  for (const Phase& phase : phases) {
    text += fmt::format("\n{:<27}  {:>9.4f}  {:>5.1f} %", phase.name, 1e3 * phase.seconds, 100 * phase.share);
    if (phase.floor) text += fmt::format("  {:>9.4f}", 1e3 * *phase.floor);
    if (const auto reached = phase.reached()) text += fmt::format("  {:>14.1f} %", 100 * *reached);
  }
  return text;
}

std::string csv_title() { return "stage,phase,ms,share,floor_ms,reached\n"; }

std::string csv_of(int stage, const std::vector<Phase>& phases) {
  std::string text;
  for (const Phase& phase : phases)
    text += fmt::format("{},{},{:.9g},{:.6g},{:.9g},{:.6g}\n", stage, phase.name, 1e3 * phase.seconds,
                        phase.share, 1e3 * number_or_nan(phase.floor), number_or_nan(phase.reached()));
  return text;
}

}  // namespace hypercast::train
