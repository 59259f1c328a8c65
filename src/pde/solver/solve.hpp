#pragma once
// The whole of hypercast-solve: every trajectory of a study, into files.

#include "deck/app.hpp"

namespace hypercast::pde {

// COLLECTIVE. Needs a PetscSession. Groups of ranks solve files of trajectories, each group its share in
// turn. Files that are there already and were made with the same settings are kept; what becomes of other
// ones restart.hpp says. Exit::again when asked to stop. Exit::diverged as a UserError once all other groups
// are done.
//
// The file is the unit of restart. A stop loses the frames of each group's unfinished file, no others: done
// files stay, and the next run solves the unfinished ones from their first frame. Long trajectories that may
// be stopped want ensemble.trajectories_per_file = 1; within a trajectory there is no restart.
Exit solve(const Study& study);

// Sizes and ranks, for --check. Writes nothing.
std::string check_solve(const Study& study);

}  // namespace hypercast::pde
