#pragma once
// The frames that a model was trained on, for baselines that learn from the same.

#include <optional>

#include "forecast/ensemble_baselines.hpp"
#include "hyper/frames.hpp"

namespace hypercast::forecast {

class TrainingFrames {
 public:
  // COLLECTIVE. The frames of the training window, held-out times included, of all trajectories in `folder`.
  // UserError (Exit::data) when the files do not fit the model's grid and fields, or a value is not finite.
  TrainingFrames(const Context& context, const std::filesystem::path& folder, const hyper::ModelFacts& facts);

  std::size_t trajectories() const { return frames_->count() / per_trajectory_; }
  std::size_t per_trajectory() const { return per_trajectory_; }
  FrameSpans spans() const;  // trajectory by trajectory, into this object
  const std::vector<double>& times() const { return list_.times; }  // of the frames of each
  // The equation's numbers of a trajectory.
  const std::vector<std::pair<std::string, double>>& parameters(std::size_t trajectory) const {
    return list_.parameters(trajectory);
  }

 private:
  std::size_t per_trajectory_;
  hyper::FrameList list_;
  std::optional<hyper::Frames> frames_;
};

}  // namespace hypercast::forecast
