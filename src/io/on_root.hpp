#pragma once
// Work that rank 0 does for everybody, and whose failure everybody learns.

#include <functional>

#include "core/comm.hpp"

namespace hypercast::io {

// COLLECTIVE. Runs `work` on rank 0. What it throws is thrown on every rank with the same text and exit code:
// a UserError as it is; an Error of reading or writing (Exit::io) as a UserError too, since now all ranks
// know and one line says it; anything else as an Error.
void on_root(const Comm& comm, const std::function<void()>& work);

// COLLECTIVE. The same for work that every rank does: the failure of the lowest failing rank is thrown on
// all.
void on_all(const Comm& comm, const std::function<void()>& work);

}  // namespace hypercast::io
