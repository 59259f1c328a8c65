#pragma once
// A folder of checkpoints, ckpt/step-000001200.h5, kept a few deep.

#include <optional>

#include "io/checkpoint.hpp"

namespace hypercast::io {

std::filesystem::path checkpoint_path(const std::filesystem::path& folder, std::int64_t step);

struct StoredCheckpoint {
  std::int64_t step;
  std::filesystem::path path;
};
// The checkpoints of a folder, newest first; none when the folder is missing. One rank looks.
std::vector<StoredCheckpoint> list_checkpoints(const std::filesystem::path& folder);

// One rank writes the checkpoint of `step`; once it is durable, removes those of earlier steps until
// `keep_last` (at least 1) are left, itself included. Checkpoints of later steps are not touched. Returns the
// file. Error (Exit::io) when it cannot be written; then nothing was removed.
std::filesystem::path save_checkpoint(const std::filesystem::path& folder, std::int64_t step,
                                      const Archive& archive, const Provenance& provenance, int keep_last,
                                      const Streams& streams = {});

struct NewestCheckpoint {
  std::optional<Checkpoint> found;   // empty: no checkpoint that verifies
  std::vector<std::string> skipped;  // for the log: newer files that were passed over, and why
};
// COLLECTIVE. The newest checkpoint that verifies, the same on every rank; `left`: see open_checkpoint().
NewestCheckpoint newest_valid(const Comm& comm, const std::filesystem::path& folder,
                              const std::set<std::string>& left = {});

}  // namespace hypercast::io
