#include "pde/solver/progress.hpp"

#include <algorithm>

#include "core/comm.hpp"

namespace hypercast::pde {

Progress::Progress(const Log& log, int files, int groups, double interval)
    : log_(log), files_(files), groups_(groups), interval_(interval), start_(wall_seconds()), last_(start_) {}

void Progress::file(int number, std::int64_t frames) {
  number_ = number;
  frames_ = frames;
  done_ = 0;
}

void Progress::frame(double time) {
  ++done_;
  ++done_in_all_;
  const double now = wall_seconds();
  if (now - last_ < interval_) return;
  last_ = now;
  const double each = (now - start_) / static_cast<double>(done_in_all_);
  // The other groups are as far with their files as this one, on average.
  const double files_left = static_cast<double>(files_ - number_ - 1) / groups_;
  const double frames_left =
      static_cast<double>(frames_ - done_) + std::max(0.0, files_left) * static_cast<double>(frames_);
  const auto which = files_ == 1 ? std::string() : fmt::format("file {}/{} ", number_ + 1, files_);
  log_.info("{}frame {}/{} {:.1f}% t={:.4g} {:.3g} ms/frame ETA {}", which, done_, frames_,
            100 * (number_ + static_cast<double>(done_) / static_cast<double>(frames_)) / files_, time,
            1e3 * each, clock_text(each * frames_left));
}

}  // namespace hypercast::pde
