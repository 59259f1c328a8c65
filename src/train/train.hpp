#pragma once
// hypercast-train: fits a model to the trajectories of a run folder.

#include "deck/app.hpp"
#include "train/options.hpp"

namespace hypercast::train {

// COLLECTIVE. Reads DIR/data/train (or [data] path), writes DIR/ckpt, DIR/metrics.csv and DIR/metrics.h5.
// Flag "resume": "auto" goes on from the newest checkpoint that verifies, or starts afresh when there is
// none; a file name goes on from that one. What an earlier training left beyond the start, without the flag
// all of it, is moved to DIR/previous-N. Exit::ok when all steps are done, Exit::again after a signal;
// UserError (Exit::diverged) when the loss is not finite.
Exit train(const Study& study);

// COLLECTIVE. For --check: sizes and the layout of ranks. Reads the data's headers if they are there.
std::string describe(const Study& study);

}  // namespace hypercast::train
