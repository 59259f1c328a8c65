#pragma once
// What the children of hypercast's programs can do (io/child.hpp). Every main begins with
//
//   if (const auto code = io::serve_child(argc, argv, io::child_jobs())) return *code;

#include <span>

#include "io/child.hpp"

namespace hypercast::io {

std::span<const ChildJob> child_jobs();

}  // namespace hypercast::io
