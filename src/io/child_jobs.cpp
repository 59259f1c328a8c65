#include "io/child_jobs.hpp"

#include <array>

#include "io/check_files.hpp"
#include "io/foreign.hpp"

namespace hypercast::io {

std::span<const ChildJob> child_jobs() {
  static constexpr std::array jobs{
      ChildJob{"layout", answer_with_layout},  // of a trajectory file
      ChildJob{"frames", answer_with_frames},
      ChildJob{"check_file", check_file},
  };
  return jobs;
}

}  // namespace hypercast::io
