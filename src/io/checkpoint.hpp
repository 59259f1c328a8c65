#pragma once
// Checkpoints: archives in a file that proves its own integrity. The file is sealed (io/seal.hpp); the
// payload behind the seal is an HDF5 file.
//
// Large arrays pass through piece by piece, on their way out as on their way in: HDF5 only lays the file out
// and tells where their numbers are; we write and read these, so that every failure has an error code.

#include <filesystem>
#include <set>
#include <string_view>

#include "core/comm.hpp"
#include "io/archive.hpp"
#include "io/provenance.hpp"

namespace hypercast::io {

inline constexpr std::string_view checkpoint_kind = "checkpoint";  // of the seal

// One rank writes: complete or absent (io/durable.hpp). Takes the streams in order of their names, and no
// memory but theirs. The same contents and provenance give the same bytes, be they streamed or not. Error
// (Exit::io) on failure; what was at `path` before is then untouched.
void write_checkpoint(const std::filesystem::path& path, const Archive& archive, const Provenance& provenance,
                      const Streams& streams = {});

// An array that was left in its file: float32, one axis.
struct ArrayInFile {
  std::filesystem::path file;
  std::int64_t size = 0;
  std::uint64_t offset = 0;  // where its numbers begin
  // Numbers [at, at + values.size()). One rank reads. Error (Exit::io).
  void read(std::int64_t at, std::span<float> values) const;
};

// An intact checkpoint.
struct Checkpoint {
  std::string file;
  Archive archive;                            // all but
  std::map<std::string, ArrayInFile> arrays;  // these
  // UserError (Exit::refused) when no such array was left in the file.
  const ArrayInFile& array(const std::string& name) const;
};

// COLLECTIVE. Rank 0 verifies the file, piece by piece, before anything else is read, and reads all but those
// float32 arrays of one axis that `left` names. Everybody gets the checkpoint or the same UserError:
// Exit::no_input when the file is missing, Exit::data when it is damaged, truncated or no checkpoint, with
// the reason.
Checkpoint open_checkpoint(const Comm& comm, const std::filesystem::path& path,
                           const std::set<std::string>& left);
// COLLECTIVE. All of it, on every rank.
Archive read_checkpoint(const Comm& comm, const std::filesystem::path& path);

}  // namespace hypercast::io
