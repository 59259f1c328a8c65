#pragma once
// hypercast-bench: what this machine can do, as far as training and comparing models depend on it. Items go
// to the log as they are measured, and with tables, notes and all that is known of the machine to
// bench/bench.json in the run folder.

#include <string>

#include "bench/group.hpp"
#include "deck/app.hpp"

namespace hypercast::bench {

// COLLECTIVE. Exit::again, and no file, when the run was asked to stop between two groups. UserError (data)
// for a group that is unknown, named twice, or named before one that it needs.
// PETSc must be there (pde/solver/session.hpp) where a group of the deck takes rates of change.
Exit bench(const Study& study, const MakeRate& make_rate);

// COLLECTIVE. For --check: the groups and about how long they take.
std::string describe(const Study& study);

std::string list_groups();  // for --list

}  // namespace hypercast::bench
