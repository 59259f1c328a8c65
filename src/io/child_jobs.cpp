#include "io/child_jobs.hpp"

#include <array>

#include "io/array_source.hpp"
#include "io/check_files.hpp"
#include "io/foreign.hpp"
#include "io/table.hpp"

namespace hypercast::io {

std::span<const ChildJob> child_jobs() {
  static constexpr std::array jobs{
      // Of a trajectory file, of a table, of arrays, of any file that is to be checked.
      ChildJob{"layout", answer_with_layout}, ChildJob{"frames", answer_with_frames},
      ChildJob{"table", answer_with_table},   ChildJob{"array", answer_with_array},
      ChildJob{"rows", answer_with_rows},     ChildJob{"datasets", answer_with_datasets},
      ChildJob{"check_file", check_file},
  };
  return jobs;
}

}  // namespace hypercast::io
