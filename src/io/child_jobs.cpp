#include "io/child_jobs.hpp"

#include "io/check_files.hpp"

namespace hypercast::io {

std::span<const ChildJob> child_jobs() {
  static constexpr ChildJob jobs[] = {{"check_file", check_file}};
  return jobs;
}

}  // namespace hypercast::io
