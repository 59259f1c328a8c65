#pragma once
// The whole of hypercast-solve: every trajectory of a study, into files.

#include "deck/app.hpp"

namespace hypercast::pde {

// COLLECTIVE. Needs a PetscSession. Groups of ranks take file after file of trajectories, whoever is free the
// next one; what a file holds does not depend on who made it. Files that are there already, were made with
// the same settings and are intact are kept; what becomes of other ones restart.hpp says. Exit::again when
// asked to stop. Exit::diverged as a UserError when a trajectory diverged or missed the error demanded in
// [certify], once all other files are done.
//
// A stop keeps the frames and the state of each group's unfinished file (solve_state.hpp), and so does every
// ensemble.checkpoint_interval; the next run, on any number of ranks, goes on from there. With fixed steps of
// a one-step family the result has the same bits as without the stop.
Exit solve(const Study& study);

// Sizes and ranks, for --check. Writes nothing.
std::string check_solve(const Study& study);

}  // namespace hypercast::pde
