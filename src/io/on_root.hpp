#pragma once
// Work that rank 0 does for everybody, and whose failure everybody learns.

#include <functional>

#include "core/comm.hpp"

namespace hypercast::io {

// COLLECTIVE. Runs `work` on rank 0. What it throws is thrown on every rank: a UserError as it is, anything
// else as an Error with the same text and exit code.
void on_root(const Comm& comm, const std::function<void()>& work);

// COLLECTIVE. The same for work that every rank does: the failure of the lowest failing rank is thrown on
// all.
void on_all(const Comm& comm, const std::function<void()>& work);

}  // namespace hypercast::io
