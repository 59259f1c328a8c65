#pragma once
// What this binary is. Compiled in; the git fields follow the work tree at build time.

#include <string>
#include <utility>
#include <vector>

namespace hypercast {

struct Version {
  std::string version;     // of hypercast, "1.0.0"
  std::string git_hash;    // "unknown" outside a git checkout
  bool git_dirty;          // the work tree had changes
  std::string build_type;  // release, debug, audit, sanitize
  std::string compiler;
  std::string cxx_flags;
};
Version version();

// The instruction set that this build needs and this processor lacks; empty when all is well.
std::string missing_instructions();

// Names and versions of libraries, for --version and provenance. Each module reports those it cages.
using Facts = std::vector<std::pair<std::string, std::string>>;
Facts core_libraries();  // MPI, fmt, spdlog

}  // namespace hypercast
