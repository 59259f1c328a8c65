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
// first frames of all; codes: the In-t frames of all. UserError when there are not so many frames, or holding
// out leaves none to fit.
hyper::FrameList window_frames(const Comm& comm, const std::filesystem::path& folder,
                               const DataOptions& options, hyper::Condition condition);

// Of each sample: the number of its trajectory (index) or its time.
std::vector<double> conditions_of(const hyper::FrameList& list, hyper::Condition condition);

// Which samples are fitted and which are held out (some frames of time conditions only).
struct Split {
  std::vector<int> fitted, held_out;
};
Split split_frames(const hyper::FrameList& list, const DataOptions& options, hyper::Condition condition);

// The facts of a model for these frames, without what needs their values (mean, scale, rates).
hyper::ModelFacts facts_of(const hyper::FrameList& list, const DataOptions& options,
                           hyper::Condition condition);

class Dataset {
 public:
  // COLLECTIVE. `list`: see window_frames(). UserError (Exit::data) when a value is not finite.
  Dataset(const Context& context, const hyper::FrameList& list, const DataOptions& options,
          hyper::Condition condition);

  const hyper::ModelFacts& facts() const { return facts_; }
  const Split& split() const { return split_; }
  std::size_t frame_size() const { return frames_.size(); }  // points x channels
  double condition(int sample) const { return conditions_[sample]; }
  // Normalised, [point][channel].
  std::span<const float> frame(int sample) const { return frames_[sample]; }
  // Mean square of the normalised frame.
  double mean_square(int sample) const { return mean_squares_[sample]; }

  // The rates e^{rate t} (t scaled to the window) of a dynamic mode decomposition of the fitted frames, put
  // into the facts. Every rank computes the same.
  void find_rates(int most);

 private:
  void normalise(const Comm& node);

  hyper::ModelFacts facts_;
  Split split_;
  std::vector<double> conditions_, mean_squares_;
  hyper::Frames frames_;
};

}  // namespace hypercast::train
