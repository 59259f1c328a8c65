#include "forecast/reference.hpp"

#include <fmt/format.h>

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

void check_fits(const io::TrajectoryLayout& layout, const hyper::ModelFacts& facts, const std::string& file) {
  if (layout.channels != facts.channels)
    throw UserError(Exit::data, file + ": its fields are not those the model was trained on");
  bool same = layout.axes.size() == facts.axes.size();
  for (std::size_t k = 0; same && k < facts.axes.size(); ++k)
    same = layout.axes[k].points.size() == facts.axes[k].points.size();
  if (!same) throw UserError(Exit::data, file + ": its grid is not the one the model was trained on");
}

}  // namespace

Window window_of(const hyper::ModelFacts& facts, double t) {
  if (contains(facts.train_times, t, facts.frame_interval)) return Window::fitted;
  const double slack = 1e-4 * facts.frame_interval;
  return t > facts.window_start - slack && t < facts.window_end + slack ? Window::held_out : Window::out_t;
}

Reference::Reference(const Context& context, const std::filesystem::path& folder,
                     const hyper::ModelFacts& facts) {
  struct Piece {
    io::TrajectoryReader reader;
    int trajectory;
    Range frames;
  };
  const bool all = facts.condition == hyper::Condition::index;
  std::vector<Piece> pieces;
  int seen = 0;
  for (const auto& file : io::trajectory_files(context.comm, folder)) {
    const auto layout = io::TrajectoryReader(context.comm, file).layout();
    for (int b = 0; b < layout.trajectories; ++b, ++seen) {
      if (!all && seen != facts.trajectory) continue;
      check_fits(layout, facts, file.string());
      frame_size_ = layout.frame_size();
      pieces.push_back({io::TrajectoryReader(context.comm, file),
                        b,
                        {0, all ? 1 : static_cast<std::int64_t>(layout.times.size())}});
      for (auto k = pieces.back().frames.begin; k < pieces.back().frames.end; ++k)
        times_.push_back(all ? seen : layout.times[k]);
    }
  }
  if (pieces.empty())
    throw UserError(Exit::data, fmt::format("the model learned trajectory {} but {} holds {}",
                                            facts.trajectory, folder.string(), seen));
  const Comm& node = context.node;
  values_ = std::make_unique<SharedArray<float>>(node, times_.size() * frame_size_);
  std::int64_t first = 0;
  for (const auto& [reader, b, frames] : pieces) {
    const Range mine = share_of(frames.size(), node.rank(), node.size());
    reader.read(b, mine,
                values_->values().subspan((first + mine.begin) * frame_size_, mine.size() * frame_size_));
    first += frames.size();
  }
  values_->sync();
}

std::optional<std::size_t> Reference::find(double t) const {
  const double interval = times_.size() > 1 ? times_[1] - times_[0] : 1;
  for (std::size_t k = 0; k < times_.size(); ++k)
    if (near(times_[k], t, interval)) return k;
  return std::nullopt;
}

}  // namespace hypercast::forecast
