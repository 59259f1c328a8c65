#pragma once
// What an earlier run has left in the output folder.

#include "core/comm.hpp"
#include "pde/ensemble.hpp"

namespace hypercast::pde {

// COLLECTIVE. The files that are still to be made: all but those that are there with the hash they would get.
// UserError (Exit::refused) when one is there with another hash, or when the folder holds trajectories that
// do not belong to the plan and have other settings. With `overwrite` all planned files are made, and foreign
// trajectories are still refused.
std::vector<FilePlan> files_to_make(const Comm& comm, const Deck& deck, const Setup& setup,
                                    const std::vector<FilePlan>& plan, bool overwrite);

}  // namespace hypercast::pde
