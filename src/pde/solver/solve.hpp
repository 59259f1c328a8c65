#pragma once
// The whole of hypercast-solve: every trajectory of a study, into files.

#include "deck/app.hpp"

namespace hypercast::pde {

// COLLECTIVE. Needs a PetscSession. Groups of ranks solve files of trajectories, each group its share in
// turn. Files that are there already and were made with the same settings are kept; other ones are refused
// (Exit::refused) unless the flag `overwrite` is given. Exit::again when asked to stop: the file at work is
// left out, finished ones stay. Exit::diverged as a UserError once all other groups are done.
Exit solve(const Study& study);

// Sizes and ranks, for --check. Writes nothing.
std::string check_solve(const Study& study);

}  // namespace hypercast::pde
