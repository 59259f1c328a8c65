#include "forecast/training_frames.hpp"

#include "core/error.hpp"

namespace hypercast::forecast {

TrainingFrames::TrainingFrames(const Context& context, const std::filesystem::path& folder,
                               const hyper::ModelFacts& facts)
    : per_trajectory_(facts.train_times.size() + facts.held_out_times.size()) {
  check(per_trajectory_ > 0, "a model without a training window");
  list_ = hyper::find_frames(context.comm, folder,
                             {.trajectory = -1, .frames = static_cast<int>(per_trajectory_)});
  const std::string difference = list_.layout.channels != facts.channels
                                     ? "other fields"
                                     : io::grid_difference(facts.axes, list_.layout.axes);
  if (!difference.empty())
    throw UserError(Exit::data,
                    folder.string() + " does not fit what the model was trained on: " + difference);
  frames_.emplace(context, list_);
}

FrameSpans TrainingFrames::spans() const {
  FrameSpans all;
  for (std::size_t k = 0; k < frames_->count(); ++k) all.push_back((*frames_)[k]);
  return all;
}

}  // namespace hypercast::forecast
