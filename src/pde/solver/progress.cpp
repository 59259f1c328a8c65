#include "pde/solver/progress.hpp"

#include "core/comm.hpp"

namespace hypercast::pde {

Progress::Progress(const Log& log, int frames_per_trajectory, int trajectories, double interval)
    : log_(log),
      per_trajectory_(frames_per_trajectory),
      trajectories_(trajectories),
      interval_(interval),
      start_(wall_seconds()),
      last_(start_) {}

void Progress::frame(double time) {
  ++done_;
  const double now = wall_seconds();
  if (now - last_ < interval_) return;
  last_ = now;
  const auto total = std::int64_t{per_trajectory_} * trajectories_;
  const double each = (now - start_) / static_cast<double>(done_);
  const auto which = trajectories_ == 1
                         ? std::string()
                         : fmt::format("trajectory {}/{} ", (done_ - 1) / per_trajectory_ + 1, trajectories_);
  log_.info("{}frame {}/{} {:.1f}% t={:.4g} {:.3g} ms/frame ETA {}", which, (done_ - 1) % per_trajectory_ + 1,
            per_trajectory_, 100.0 * static_cast<double>(done_) / static_cast<double>(total), time,
            1e3 * each, clock_text(each * static_cast<double>(total - done_)));
}

}  // namespace hypercast::pde
