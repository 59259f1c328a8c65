#pragma once
// The frames that are learned: read once, normalised, in one array per node.

#include <filesystem>
#include <span>
#include <vector>

#include "core/context.hpp"
#include "hyper/frames.hpp"
#include "hyper/model.hpp"
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
  // COLLECTIVE. `list`: see window_frames(). `normalised_as`: take mean, scale and the ranges of parameters
  // from there. UserError (Exit::data) when a value is not finite.
  Dataset(const Context& context, const hyper::FrameList& list, const DataOptions& options,
          const hyper::Conditioning& condition, hyper::Observed observed = {},
          const hyper::ModelFacts* normalised_as = nullptr);

  const hyper::ModelFacts& facts() const { return facts_; }
  const Split& split() const { return split_; }
  std::size_t frame_size() const { return frames_.size(); }  // points x channels
  int trajectories() const { return trajectories_; }
  int frames() const { return static_cast<int>(conditions_.size()) / trajectories_; }  // of each
  int trajectory(int sample) const { return sample / frames(); }
  double condition(int sample) const { return conditions_[sample]; }
  // The numbers of the equation that the condition asks for.
  std::span<const double> parameters(int trajectory) const { return parameters_[trajectory]; }
  // The points of a trajectory that training may look at; empty: all.
  std::span<const std::uint32_t> observed(int trajectory) const { return observed_.of(trajectory); }
  const hyper::Observed& observed() const { return observed_; }
  // Normalised, [point][channel].
  std::span<const float> frame(int sample) const { return frames_[sample]; }
  // Mean square of the normalised frame where it is observed.
  double mean_square(int sample) const { return mean_squares_[sample]; }

  // The rates e^{rate t} (t scaled to the window) of a dynamic mode decomposition of the fitted frames, those
  // of one time in all trajectories being one snapshot, put into the facts. Every rank computes the same.
  void find_rates(int most);

 private:
  void find_normalisation(const Comm& node, bool common_scale);
  void normalise(const Comm& node);

  hyper::ModelFacts facts_;
  Split split_;
  hyper::Observed observed_;
  int trajectories_;
  std::vector<double> conditions_, mean_squares_;
  std::vector<std::vector<double>> parameters_;  // [trajectory]
  hyper::Frames frames_;
};

}  // namespace hypercast::train
