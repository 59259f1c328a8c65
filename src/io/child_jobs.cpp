#include "io/child_jobs.hpp"

#include <array>

#include "io/foreign.hpp"
#include "io/points.hpp"

namespace hypercast::io {

std::span<const ChildJob> child_jobs() {
  static constexpr std::array jobs{
      ChildJob{"layout", answer_with_layout},                                          // of a trajectory file
      ChildJob{"frames", answer_with_frames}, ChildJob{"points", answer_with_points},  // of a list of points
  };
  return jobs;
}

}  // namespace hypercast::io
