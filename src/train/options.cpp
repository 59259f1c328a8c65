#include "train/options.hpp"

namespace hypercast::train {

void DataOptions::describe(Section& s) {
  s.about("Which trajectory is learned and which of its frames training may see.");
  DataFolder::describe(s);
  s.key("valid", valid,
        "folder of trajectories on which models of codes are selected; empty: data/valid in the run folder; "
        "where "
        "there is none, the last sixteenth of the training trajectories is kept for it");
  s.key("memory", memory,
        "of a node, for frames of training and validation: frames that do not fit are streamed, blocks of "
        "them "
        "in random order; 0: all frames are in memory")
      .at_least(0)
      .unit("MiB");
  s.key("trajectory", trajectory,
        "which one, counted through the files in order of their names; indices, codes and conditions with "
        "parameters use all")
      .at_least(0);
  s.key("window_frames", window_frames, "In-t: the first so many frames; 0: all").at_least(0);
  s.key("hold_out_every", hold_out_every,
        "In-t frames k with k mod this = hold_out_offset are held out; 0: none")
      .at_least(0);
  s.key("hold_out_offset", hold_out_offset, "see hold_out_every").at_least(0);
  s.key("scale", scale,
        "fields are divided by a standard deviation: channel: its own; common: one for all, so that every "
        "channel counts in the errors as it is")
      .one_of({"channel", "common"});
  s.key("observed", observed, "part of the points that training sees; 1: all").above(0).at_most(1);
  s.key("mask", mask,
        "which they are: shared: the same in all frames, those of the run folder's mask file if there is one "
        "([observation] makes it), else drawn; trajectory: drawn anew for each trajectory")
      .one_of({"shared", "trajectory"});
  s.key("mask_seed", mask_seed, "of masks that are drawn").at_least(0);
}

std::filesystem::path DataOptions::valid_in(const std::filesystem::path& run_folder) const {
  if (!valid.empty()) return valid;
  // Trajectories of others come without a set for validation of ours.
  return path.empty() ? run_folder / "data" / "valid" : std::filesystem::path();
}

void LoopOptions::describe_optimiser(Section& s) {
  s.key("rate", rate, "peak learning rate").above(0);
  s.key("warmup", warmup, "steps of linear warm-up").at_least(0);
  s.key("last_rate", last_rate, "final rate of the cosine schedule, as a fraction of the peak")
      .at_least(0)
      .at_most(1);
  s.key("weight_decay", weight_decay, "decoupled (AdamW); 0: Adam").at_least(0);
  s.key("clip", clip, "largest gradient norm; 0: no clipping").at_least(0);
}

void TrainOptions::describe(Section& s) {
  s.about(
      "Data-parallel fitting of the hypernetwork. The result does not depend on the number of ranks. Numbers "
      "below 1.2e-38, the smallest of full precision, count as zero.");
  s.key("steps", steps, "optimiser steps").at_least(1);
  s.key("batch", batch, "conditions (frames) per step; at most all of them are used").at_least(1);
  s.key("points", points, "points drawn per frame and step; 0: the whole grid").at_least(0);
  s.key("frames_per_leaf", frames_per_leaf,
        "frames computed together on one rank; batch / this is the largest useful number of ranks")
      .at_least(1);
  describe_optimiser(s);
  s.key("encoder_rate", encoder_rate, "factor on the rate for the condition encoder's parameters")
      .at_least(0);
  s.key("code_start", code_start,
        "where the codes of training frames begin that are free parameters: pod: at the coefficients of the "
        "frames' proper orthogonal decomposition; random")
      .one_of({"pod", "random"});
  s.key("code_points", code_points,
        "points of a frame to which its code is fitted, where the field is not linear in the code; 0: all")
      .at_least(0);
  s.key("code_iterations", code_iterations,
        "Gauss-Newton steps at most that bring the codes of training frames to their optimum in the end, "
        "where the field is not linear in the code")
      .at_least(0);
  s.key("loss", loss, "mse: of normalised fields; relative: each frame divided by its mean square")
      .one_of({"mse", "relative"});
  s.key("seed", seed, "of weights, batches and points").at_least(0);
  s.key("validate_every", validate_every,
        "steps between evaluations on held-out frames (on fitted ones if none is held out); 0: at the end "
        "only")
      .at_least(0);
  s.key("metrics_every", metrics_every, "steps between rows of metrics.csv").at_least(1);
  s.key("checkpoint_every", checkpoint_every, "steps between checkpoints; 0: by time only").at_least(0);
  s.key("checkpoint_interval", checkpoint_interval, "time between checkpoints; 0: by steps only")
      .at_least(0)
      .unit("s");
  s.key("keep_last", keep_last, "checkpoints kept").at_least(1);
  s.key("trunk", trunk,
        "who computes encoder and trunk: replicated: every rank, for all frames; data_parallel: each for its "
        "frames, and gradients of leaves are summed. The two differ in the last bits")
      .one_of({"replicated", "data_parallel"});
  s.key("calibrate", calibrate,
        "whether a run measures the machine for a fraction of a second before it trains, so that it can set "
        "the phases of a step beside their floors in the end and recommend a grid of ranks");
  s.key("replicas", replicas,
        "of the head's map, each for a part of a batch; ranks form as many groups as they and replicas have "
        "in common, and a group holds the map once. More than one pay on many nodes; results depend on it in "
        "the last bits, not on the ranks")
      .at_least(1);
  s.key("init_from", init_from, "checkpoint whose parameters training starts from");
}

void DynamicsTraining::describe(Section& s) {
  s.about("How codes move, and how that is learned: rollouts over training sequences that grow longer.");
  DynamicsOptions::describe(s);
  s.key("steps", steps, "optimiser steps; kinds fitted by least squares take none").at_least(0);
  s.key("batch", batch, "sequences per step; at most all of them are used").at_least(1);
  s.key("sequences_per_leaf", sequences_per_leaf,
        "sequences rolled out together on one rank; batch / this is the largest useful number of ranks")
      .at_least(1);
  s.key("rollout_first", rollout_first, "frames of a rollout at the first step").at_least(1);
  s.key("rollout_last", rollout_last, "frames of a rollout at the end; 0: the whole training window")
      .at_least(0);
  s.key("rollout_growth", rollout_growth, "fraction of the steps over which rollouts grow, evenly")
      .at_least(0)
      .at_most(1);
  s.key("noise", noise,
        "standard deviation of what is added to the first code of a rollout, relative to each component's")
      .at_least(0);
  describe_optimiser(s);
  s.key(
       "images", images,
       "symmetry augmentation: every training sequence stands for at most so many images of itself under the "
       "shifts and mirrors that the equation of [pde] declares; 1: none. For codes that are linear in the "
       "field")
      .at_least(1);
  s.key("members", members, "dynamics trained from different seeds; more than one give a spread").at_least(1);
  s.key("seed", seed, "of weights, batches and noise").at_least(0);
  s.key("validate_every", validate_every,
        "steps between rollouts of the held-out sequences; 0: at the end only")
      .at_least(0);
  s.key("metrics_every", metrics_every, "steps between rows of the metrics").at_least(1);
}

void add_train_sections(Schema& schema) {
  schema.add<DataOptions>();
  schema.add<TrainOptions>();
  schema.add<DynamicsTraining>();
  hyper::add_dynamics_kinds(schema);
}

}  // namespace hypercast::train
