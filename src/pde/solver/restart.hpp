#pragma once
// What an earlier run has left in the output folder.

#include "deck/app.hpp"
#include "pde/ensemble.hpp"

namespace hypercast::pde {

// COLLECTIVE. The files that are still to be made: all but those that are there, intact to the last byte
// (each is read once), with the hash they would get. Damaged ones are made again, with a warning.
//
// UserError (Exit::refused), before anything is touched, when
// - a planned file or the state of an unfinished one is there with another hash, or a file that is not a
//   trajectory of ours, unless `overwrite`, which replaces it;
// - data/{train,valid,test} holds a trajectory file of hypercast-solve that is not in the plan (another
//   equation, or more trajectories), since training would read it all the same, unless `overwrite`, which
//   moves it with what lies beside it to FOLDER/previous-N/data/<split>;
// - they hold any other trajectory file that is not in the plan, or a damaged one of hypercast-solve: with or
//   without `overwrite`.
// UserError (Exit::cannot_create) when a file cannot be moved.
std::vector<FilePlan> files_to_make(const Study& study, const Setup& setup,
                                    const std::vector<FilePlan>& plan);

}  // namespace hypercast::pde
