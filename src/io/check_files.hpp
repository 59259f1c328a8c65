#pragma once
// What is wrong with trajectory files, whoever made them: all of it, and without a study. Files are looked at
// by child processes (io/child.hpp), since they may be damaged in any way.

#include <filesystem>
#include <string>
#include <vector>

#include "core/comm.hpp"
#include "io/child.hpp"

namespace hypercast::io {

struct FileVerdict {
  Exit code = Exit::ok;  // or Exit::no_input: it is missing or cannot be opened; Exit::data: it has problems
  // A line each: the problems; of a good file what it holds ("2 trajectories, 3 frames, fields u, v; sealed
  // and intact"). They do not name the file.
  std::vector<std::string> lines;
};

// COLLECTIVE. Reads each file to its end; ranks share the files. The same on every rank, in the order given.
// Problems are a seal that does not fit the file (io/seal.hpp) and what breaks the rules of The Well's layout
// (io/well_rules.hpp). Error (Exit::io) when a file cannot be read for other reasons than what it holds.
std::vector<FileVerdict> check_files(const Comm& comm, const std::vector<std::filesystem::path>& files);

// The part of it that a child does, its job "check_file".
void check_file(const std::filesystem::path& file, std::span<const std::string> arguments,
                const ChildAnswer& answer);

}  // namespace hypercast::io
