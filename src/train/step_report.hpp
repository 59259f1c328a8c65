#pragma once
// What a run says of the time its steps take: before them which grid of ranks the cost model would choose,
// after them a table of phases with their floors (train/breakdown.hpp), in the log and in DIR/timing.csv.
// Floors come from a calibration in the same run, once, before the first loop that has any
// (machine/calibrate.hpp). Trainings of fewer than 10 steps are too short for either.

#include "deck/app.hpp"
#include "machine/rates.hpp"
#include "train/breakdown.hpp"
#include "train/model_shape.hpp"

namespace hypercast::train {

class StepReport {
 public:
  // `study` is borrowed. Without `calibrate` there are no floors and no recommendation.
  StepReport(const Study& study, bool calibrate);

  // COLLECTIVE. Before a loop that has so many steps to make on this grid. `stage` is that of its State.
  void begin(int stage, const Modelled& modelled, const Grid& grid, std::int64_t steps);
  // COLLECTIVE. After it has made so many.
  void end(std::int64_t steps);

 private:
  void recommend(const ModelShape& shape, const Grid& grid) const;
  std::string title(std::int64_t steps) const;

  const Study& study_;
  bool calibrate_;
  std::optional<machine::Rates> rates_;
  int stage_ = 0;
  std::optional<StepCost> floors_;
  std::string why_none_;  // no floors
  StepTimes before_;
  std::string csv_;
};

}  // namespace hypercast::train
