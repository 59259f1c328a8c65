#include "io/child_jobs.hpp"

namespace hypercast::io {

std::span<const ChildJob> child_jobs() { return {}; }

}  // namespace hypercast::io
