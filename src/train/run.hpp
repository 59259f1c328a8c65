#pragma once
// What every training does around its loops: which data, where to go on, what to move aside, where to save.

#include <optional>

#include "deck/app.hpp"
#include "io/checkpoint.hpp"
#include "io/metrics.hpp"
#include "train/dataset.hpp"
#include "train/state.hpp"

namespace hypercast::train {

// UserError (Exit::data) that points at the key.
DataOptions read_data_options(const Deck& deck);
// UserError when there are more replicas than leaves of a batch.
TrainOptions read_train_options(const Deck& deck);

// COLLECTIVE. [data] path, which must be there (else UserError, Exit::no_input).
std::filesystem::path data_folder(const Study& study, const DataOptions& options);

// COLLECTIVE. Where trajectories for validation are; a folder that [data] valid names must be there (else
// UserError, Exit::no_input).
std::filesystem::path validation_folder(const Study& study, const DataOptions& options);

// COLLECTIVE. The frames of a list with the points that [data] says; the log tells which.
std::unique_ptr<Dataset> open_data(const Study& study, const hyper::FrameList& list,
                                   const DataOptions& options, const hyper::Conditioning& conditioning,
                                   const hyper::ModelFacts* normalised_as = nullptr,
                                   const FramePlan& plan = {});

// COLLECTIVE. What was read from disk so far, and the most memory that a rank and a node took: the sum of its
// ranks' peaks, in which memory that they share counts for each. `valid` may be null.
void log_reading(const Context& context, const Dataset* data, const Dataset* valid = nullptr);

// COLLECTIVE. The checkpoint that --resume says, divided_entries() left in it; nothing for a fresh start.
std::optional<io::Checkpoint> checkpoint_to_resume(const Study& study);

// COLLECTIVE. What a run that goes on from `step` would mix with its own: all of an earlier training when it
// starts afresh (no step), else the checkpoints beyond that step, which a later --resume auto would take.
// They go to DIR/previous-N, so that nothing is lost.
void move_aside(const Study& study, std::optional<std::int64_t> step);

io::Provenance provenance(const Study& study, std::int64_t seed);

// COLLECTIVE. Writes DIR/ckpt/step-N.h5 and returns its name. `streams` come from the ranks of a `group`; of
// several groups with the same numbers the first hands them over.
std::string save_checkpoint(const Study& study, std::int64_t step, const io::Archive& archive,
                            const io::Streams& streams, const Comm& group, const io::Provenance& origin,
                            int keep_last);

// The tables of metrics on rank 0, null elsewhere. Rows from `step` on of an earlier run are dropped.
std::unique_ptr<io::Metrics> open_metrics(const Study& study, std::int64_t step);

}  // namespace hypercast::train
