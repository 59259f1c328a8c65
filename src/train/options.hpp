#pragma once
// The deck sections [data], [train] and [dynamics].

#include <string>

#include "deck/schema.hpp"
#include "hyper/data_folder.hpp"
#include "hyper/dynamics.hpp"
#include "hyper/observed.hpp"

namespace hypercast::train {

struct DataOptions : hyper::DataFolder {
  std::string valid;       // a folder of trajectories for validation
  double memory = 0;       // MiB a node for frames; 0: all
  int trajectory = 0;      // counted through the files in the order of their names
  int window_frames = 0;   // In-t: the first frames, which training may see; 0: all
  int hold_out_every = 5;  // In-t frames k with k mod every == offset are held out of training; 0: none
  int hold_out_offset = 2;
  std::string scale = "channel";
  double observed = 1;
  std::string mask = "shared";
  std::int64_t mask_seed = 1;
  void describe(Section& s);

  std::filesystem::path valid_in(const std::filesystem::path& run_folder) const;
  hyper::ObservedChoice choice() const { return {observed, mask == "trajectory", mask_seed}; }
};

// What a Loop does with an objective.
struct LoopOptions {
  int steps = 2000;
  double rate = 1e-3;
  int warmup = 100;
  double last_rate = 0.01;
  double weight_decay = 0;
  double clip = 1;
  int validate_every = 500;
  int metrics_every = 50;
  int checkpoint_every = 0;
  double checkpoint_interval = 600;
  bool keep_best = false;  // end with the parameters that validated best, not with the last

  void describe_optimiser(Section& s);  // keys from `rate` to `clip`
};

struct TrainOptions : LoopOptions {
  static constexpr const char* section = "train";
  int batch = 32;
  int points = 0;
  int frames_per_leaf = 4;
  double encoder_rate = 1;
  std::string code_start = "pod";
  int code_points = 256;
  int code_iterations = 1;
  std::string loss = "mse";
  std::int64_t seed = 0;
  int keep_last = 2;
  std::string init_from;
  int replicas = 1;
  std::string trunk = "replicated";
  bool calibrate = true;
  void describe(Section& s);
};

// How latent dynamics are trained: rollouts that grow longer, see train/rollout_loss.hpp.
struct DynamicsTraining : LoopOptions, hyper::DynamicsOptions {
  static constexpr const char* section = "dynamics";
  int batch = 128;
  int sequences_per_leaf = 64;
  int rollout_first = 1;
  int rollout_last = 0;
  double rollout_growth = 0.5;
  double noise = 0;
  int members = 1;
  int images = 1;
  std::int64_t seed = 0;
  DynamicsTraining() {
    steps = 4000;
    rate = 3e-3;
    checkpoint_interval = 0;
  }
  void describe(Section& s);
};

void add_train_sections(Schema& schema);

}  // namespace hypercast::train
