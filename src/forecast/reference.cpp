#include "forecast/reference.hpp"

#include <algorithm>
#include <cmath>

namespace hypercast::forecast {

namespace {

bool near(double a, double b, double interval) {
  return std::abs(a - b) <= 1e-4 * (interval > 0 ? interval : 1);
}

bool contains(const std::vector<double>& times, double t, double interval) {
  return std::any_of(times.begin(), times.end(), [&](double s) { return near(s, t, interval); });
}

hyper::FrameList list_for(const Comm& comm, const std::filesystem::path& folder,
                          const hyper::ModelFacts& facts, std::optional<int> only) {
  hyper::FrameChoice choice;
  if (facts.condition == hyper::Condition::time && facts.parameters.empty())
    choice.trajectory = facts.trajectory;
  else if (only && facts.condition != hyper::Condition::index)
    choice.trajectory = *only;
  if (facts.condition == hyper::Condition::index) choice.frames = 1;
  auto list = hyper::find_frames(comm, folder, choice);
  check_fits(folder, facts, list);
  return list;
}

}  // namespace

void check_fits(const std::filesystem::path& folder, const hyper::ModelFacts& facts,
                const hyper::FrameList& list) {
  const auto difference = hyper::layout_difference(facts.channels, facts.axes, list.layout);
  if (!difference.empty())
    throw UserError(Exit::data,
                    folder.string() + " does not fit what the model was trained on: " + difference);
}

Window window_of(const hyper::ModelFacts& facts, double t) {
  if (contains(facts.train_times, t, facts.frame_interval)) return Window::fitted;
  const double slack = 1e-4 * (facts.frame_interval > 0 ? facts.frame_interval : 1);
  return t > facts.window_start - slack && t < facts.window_end + slack ? Window::held_out : Window::out_t;
}

bool is_of_many(const hyper::ModelFacts& facts) {
  return facts.condition == hyper::Condition::code || !facts.parameters.empty();
}

Reference::Reference(const Context& context, const std::filesystem::path& folder,
                     const hyper::ModelFacts& facts, std::optional<int> only)
    : Reference(context, list_for(context.comm, folder, facts, only), facts.condition) {}

Reference::Reference(const Context& context, const hyper::FrameList& list, hyper::Condition condition)
    : dataset_name_(list.layout.dataset_name),
      trajectories_(static_cast<int>(list.pieces.size())),
      times_(list.times),
      frames_(context, list) {
  for (std::size_t b = 0; b < list.pieces.size(); ++b) parameters_.push_back(list.parameters(b));
  if (condition != hyper::Condition::index) return;
  trajectories_ = 1;
  times_.clear();
  for (const auto& piece : list.pieces) times_.push_back(piece.number);
}

std::optional<std::size_t> Reference::find(double t) const {
  const double interval = times_.size() > 1 ? times_[1] - times_[0] : 1;
  for (std::size_t k = 0; k < times_.size(); ++k)
    if (near(times_[k], t, interval)) return k;
  return std::nullopt;
}

}  // namespace hypercast::forecast
