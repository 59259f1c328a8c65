#pragma once
// Files that are complete or absent. Nothing here is collective; call it on one rank.

#include <filesystem>
#include <functional>
#include <span>
#include <string>

namespace hypercast::io {

// Lets `fill` write `.<name>.tmp` beside `path`, makes it durable, renames it, makes the folder durable. The
// folder is created when missing. Error (Exit::io) on failure, and what `fill` throws; a file that was at
// `path` before is then untouched.
void write_durably(const std::filesystem::path& path,
                   const std::function<void(const std::filesystem::path& part)>& fill);
void write_durably(const std::filesystem::path& path, std::span<const char> bytes);
void write_durably(const std::filesystem::path& path, const std::string& text);

// The last two steps for a file already written: fsync `from`, rename it to `to`, fsync the folder.
void publish(const std::filesystem::path& from, const std::filesystem::path& to);

// The bytes of a file. UserError (Exit::no_input) when it cannot be opened, Error (Exit::io) when it cannot
// be read to its end.
std::string read_bytes(const std::filesystem::path& path);

}  // namespace hypercast::io
