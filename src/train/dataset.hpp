#pragma once
// The frames that are learned, normalised, in memory that the ranks of a node share: all of them, or,
// streamed, some at a time (train/frame_plan.hpp).

#include <filesystem>
#include <span>
#include <vector>

#include "core/context.hpp"
#include "hyper/frames.hpp"
#include "hyper/model.hpp"
#include "train/frame_plan.hpp"
#include "train/frame_store.hpp"
#include "train/options.hpp"

namespace hypercast::train {

// COLLECTIVE. Reads headers only. Time conditions: the In-t frames of one trajectory; index conditions: the
// first frames of all; codes, and whatever depends on parameters: the In-t frames of all. UserError when
// there are not so many frames, or holding out leaves none to fit.
hyper::FrameList window_frames(const Comm& comm, const std::filesystem::path& folder,
                               const DataOptions& options, const hyper::Conditioning& condition);

// COLLECTIVE. Trajectories for validation, of which training sees nothing: those of [data] valid if it is
// there; else the last sixteenth of the list, which then loses them. There may be none. UserError
// (Exit::data) when those of the folder have other fields, another grid or another frame interval.
hyper::FrameList take_validation(const Comm& comm, const std::filesystem::path& folder, int frames,
                                 hyper::FrameList& list);

// Of each sample: the number of its trajectory (index), its time, or its own number (code).
std::vector<double> conditions_of(const hyper::FrameList& list, const hyper::Conditioning& condition);

// Which samples are fitted and which are held out (some frames of time conditions only).
struct Split {
  std::vector<int> fitted, held_out;
};
Split split_frames(const hyper::FrameList& list, const DataOptions& options,
                   const hyper::Conditioning& condition);

// The facts of a model for these frames, without what needs their values (mean, scale, rates).
hyper::ModelFacts facts_of(const hyper::FrameList& list, const DataOptions& options,
                           const hyper::Conditioning& condition);

class Dataset {
 public:
  // COLLECTIVE. Reads all frames once; those that the plan has no room for are read again when they are
  // wanted. `list`: see window_frames(). `normalised_as`: take mean, scale and the ranges of parameters from
  // there. The context is borrowed. UserError (Exit::data) when a value is not finite.
  Dataset(const Context& context, const hyper::FrameList& list, const DataOptions& options,
          const hyper::Conditioning& condition, hyper::Observed observed = {},
          const hyper::ModelFacts* normalised_as = nullptr, const FramePlan& plan = {});

  const hyper::ModelFacts& facts() const { return facts_; }
  const Split& split() const { return split_; }
  std::size_t frame_size() const { return frames_.frame_size(); }  // points x channels
  int trajectories() const { return trajectories_; }
  int frames() const { return static_cast<int>(conditions_.size()) / trajectories_; }  // of each
  int trajectory(int sample) const { return sample / frames(); }
  double condition(int sample) const { return conditions_[sample]; }
  // The fitted frames, or, streamed, as many of them as are in memory at a time, drawn; rising.
  std::vector<int> fitted_in_memory() const;
  // The numbers of the equation that the condition asks for.
  std::span<const double> parameters(int trajectory) const { return parameters_[trajectory]; }
  // The points of a trajectory that training may look at; empty: all.
  std::span<const std::uint32_t> observed(int trajectory) const { return observed_.of(trajectory); }
  const hyper::Observed& observed() const { return observed_; }
  // Normalised, [point][channel]; streamed: of a frame that store() has, or that is being visited.
  std::span<const float> frame(int sample) const { return frames_[sample]; }
  const FramePlan& plan() const { return plan_; }
  // Which frames are in memory is no part of what a dataset is.
  FrameStore& store() const { return frames_; }
  // COLLECTIVE. Calls f(part) for these samples, part after part in order, with their frames in memory; see
  // FrameStore::visit().
  void visit(std::span<const int> samples, std::size_t together,
             const std::function<void(std::span<const int>)>& f) const {
    frames_.visit(samples, together, f);
  }
  // Mean square of the normalised frame where it is observed.
  double mean_square(int sample) const { return mean_squares_[sample]; }

  // COLLECTIVE. The rates e^{rate t} (t scaled to the window) of a dynamic mode decomposition of the fitted
  // frames, those of one time in all trajectories being one snapshot, put into the facts. Rank 0 computes
  // them; streamed frames are looked at in as many points, drawn, as it can hold in [data] memory.
  void find_rates(const Comm& comm, int most);

 private:
  double observed_points(int trajectory) const;  // how many
  void find_moments(const Comm& node, SharedArray<double>& moments);
  void find_normalisation(std::span<const double> moments, bool common_scale);
  void find_mean_squares(std::span<const double> moments);

  hyper::ModelFacts facts_;
  Split split_;
  hyper::Observed observed_;
  int trajectories_;
  std::vector<double> conditions_, mean_squares_;
  std::vector<std::vector<double>> parameters_;  // [trajectory]
  FramePlan plan_;
  mutable FrameStore frames_;
};

}  // namespace hypercast::train
