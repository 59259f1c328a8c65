#pragma once
// A training like any other, on frames that are made up: what groups that time steps work on.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "bench/group.hpp"
#include "deck/deck.hpp"
#include "train/cost_model.hpp"
#include "train/frame_loss.hpp"
#include "train/state.hpp"

namespace hypercast::bench {

struct TrainingShape {
  int trunk_width = 128;
  int inr_width = 64;
  int layers = 3;
  int points_x = 32, points_y = 32;  // all of them are in every step
  int frames = 16;                   // all of them are in every step
  int outputs = 1;                   // channels
  void describe(Section& s);
};

class Training {
 public:
  // COLLECTIVE. Frames of a travelling wave go through a trajectory file in FOLDER/bench, which is removed,
  // into a Dataset; the deck's other keys have their defaults, but nothing is clipped. The context is
  // borrowed, all but its timers.
  Training(const Bench& bench, const TrainingShape& shape);

  // COLLECTIVE. One step: evaluate and descend.
  void step();

  train::ModelShape shape() const;  // for the cost model
  // What the timers of the phases of that name say so far, of this rank.
  double seconds(const std::string& phase) const { return timers_.seconds(phase); }

 private:
  Timers timers_;
  Context context_;
  TrainingShape shape_;
  Schema schema_;
  train::TrainOptions options_;
  std::unique_ptr<train::Dataset> data_;
  std::unique_ptr<hyper::Model<float>> model_;
  std::unique_ptr<train::FrameLoss> loss_;
  std::unique_ptr<train::State> state_;
};

// COLLECTIVE. Seconds a step of some phases, each of the slowest rank: samples[phase][round].
std::vector<std::vector<double>> phase_seconds(const Bench& bench, Training& training,
                                               const std::vector<std::string>& phases);

}  // namespace hypercast::bench
