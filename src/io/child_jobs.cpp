#include "io/child_jobs.hpp"

#include <array>

#include "io/foreign.hpp"

namespace hypercast::io {

std::span<const ChildJob> child_jobs() {
  static constexpr std::array jobs{
      ChildJob{"layout", answer_with_layout},  // of a trajectory file
      ChildJob{"frames", answer_with_frames},
  };
  return jobs;
}

}  // namespace hypercast::io
