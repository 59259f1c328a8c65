#include "forecast/training_frames.hpp"

#include "core/error.hpp"
#include "forecast/reference.hpp"

namespace hypercast::forecast {

TrainingFrames::TrainingFrames(const Context& context, const std::filesystem::path& folder,
                               const hyper::ModelFacts& facts)
    : per_trajectory_(facts.train_times.size() + facts.held_out_times.size()) {
  check(per_trajectory_ > 0, "a model without a training window");
  list_ = hyper::find_frames(context.comm, folder,
                             {.trajectory = -1, .frames = static_cast<int>(per_trajectory_)});
  check_fits(folder, facts, list_);
  frames_.emplace(context, list_);
}

FrameSpans TrainingFrames::spans() const {
  FrameSpans all;
  for (std::size_t k = 0; k < frames_->count(); ++k) all.push_back((*frames_)[k]);
  return all;
}

}  // namespace hypercast::forecast
