#pragma once
// The files that the frame itself touches. Rank 0 looks and writes; all ranks learn the outcome alike.
// The first three are COLLECTIVE.

#include <filesystem>
#include <string>

#include "core/comm.hpp"

namespace hypercast {

// The text of a deck. UserError: missing or unreadable (no_input), a folder or far too large (data).
std::string read_deck_file(const Comm& comm, const std::string& file);

// Makes the folder with its parents and sees that it can be written. UserError (cannot_create) if not.
void create_output_folder(const Comm& comm, const std::filesystem::path& folder);

// Whether create_output_folder would succeed as far as one can tell without writing. The same UserError.
void check_output_folder(const Comm& comm, const std::filesystem::path& folder);

// Appends one line by one write, so that lines of runs that share a folder never mix. False when it failed.
bool append_line(const std::filesystem::path& file, const std::string& line);

}  // namespace hypercast
