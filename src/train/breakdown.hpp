#pragma once
// Where the time of training steps went, phase by phase, beside the floor of each phase.
//
// Only what timers counted within the timer "step" is part of it: validation and checkpoints run the same
// code. A time is the mean over the steps of the rank that took longest, as the floor is one of the busiest
// rank; so phases of different ranks may add up to more than the step. "rest of the step" is what no phase
// counted. Replicas of the head sum its gradient while they form it, so that is part of "head backward and
// optimiser". Floors are those of train/cost_model.hpp; the floor of the whole step is not quite the sum of
// theirs, since the head's arithmetic in one phase may hide its memory traffic in another.

#include <optional>
#include <string>
#include <vector>

#include "core/timers.hpp"
#include "train/cost_model.hpp"

namespace hypercast::train {

// Seconds of this rank.
struct StepTimes {
  double step = 0;
  std::vector<double> phases;  // in the order of the table
};
// Within all steps so far.
StepTimes step_times(const Timers& timers);

struct Phase {
  std::string name;
  double seconds = 0;                     // of a step
  double share = 0;                       // of the step
  std::optional<double> floor;            // seconds of a step; empty: there is none
  std::optional<double> reached() const;  // floor / seconds; empty where there is no floor or no time
};

// COLLECTIVE. What passed between two moments, in so many steps, at least one. Phases that took no time and
// have no floor are left out. The last two are "rest of the step" and "step".
std::vector<Phase> breakdown(const Comm& comm, const StepTimes& before, const StepTimes& after,
                             std::int64_t steps, const std::optional<StepCost>& floors);

// As a run prints it, without a title; columns of floors only where there are any.
std::string table_of(const std::vector<Phase>& phases);

// As lines of timing.csv (io/FORMATS.md), and its first line.
std::string csv_of(int stage, const std::vector<Phase>& phases);
std::string csv_title();

}  // namespace hypercast::train
