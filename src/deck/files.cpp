#include "deck/files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>

namespace hypercast {

namespace fs = std::filesystem;

namespace {

// Does `work` on rank 0 and hands its text, or the UserError it throws, to all ranks.
std::string on_root(const Comm& comm, const std::function<std::string()>& work) {
  std::string text;
  int code = static_cast<int>(Exit::ok);
  if (comm.is_root()) {
    try {
      text = work();
    } catch (const UserError& error) {
      text = error.what();
      code = static_cast<int>(error.code());
    }
  }
  comm.broadcast(std::span(&code, 1));
  text = comm.broadcast(text);
  if (code != 0) throw UserError(static_cast<Exit>(code), text);
  return text;
}

std::string read_file(const std::string& file) {
  constexpr std::uintmax_t most = 1 << 20;
  std::error_code problem;
  const auto status = fs::status(file, problem);
  if (status.type() == fs::file_type::not_found) throw UserError(Exit::no_input, file + ": no such file");
  if (fs::is_directory(status)) throw UserError(Exit::data, file + ": is a folder, not a deck");
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw UserError(Exit::no_input, file + ": cannot be read: " + std::strerror(errno));
  if (const auto size = fs::file_size(file, problem); !problem && size > most)
    throw UserError(Exit::data, file + ": is larger than 1 MiB; no deck is");
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (stream.bad()) throw UserError(Exit::no_input, file + ": cannot be read");
  return text;
}

[[noreturn]] void refuse(const fs::path& folder, const std::string& what, const std::string& why) {
  throw UserError(Exit::cannot_create,
                  "output folder " + folder.string() + " cannot be " + what + ": " + why);
}

void probe(const fs::path& folder) {
  const fs::path file = folder / (".probe-" + std::to_string(getpid()));
  const int descriptor = open(file.c_str(), O_CREAT | O_EXCL | O_WRONLY, 0600);
  if (descriptor < 0) refuse(folder, "written", std::strerror(errno));
  close(descriptor);
  unlink(file.c_str());
}

}  // namespace

std::string read_deck_file(const Comm& comm, const std::string& file) {
  return on_root(comm, [&] { return read_file(file); });
}

void create_output_folder(const Comm& comm, const fs::path& folder) {
  on_root(comm, [&] {
    std::error_code problem;
    fs::create_directories(folder, problem);
    if (problem) refuse(folder, "created", problem.message());
    probe(folder);
    return std::string();
  });
}

void check_output_folder(const Comm& comm, const fs::path& folder) {
  on_root(comm, [&] {
    std::error_code problem;
    fs::path there = fs::absolute(folder);
    while (!fs::exists(there, problem) && there.has_relative_path()) there = there.parent_path();
    if (!fs::is_directory(there, problem)) refuse(folder, "created", there.string() + " is not a folder");
    if (access(there.c_str(), W_OK | X_OK) != 0) refuse(folder, "written", std::strerror(errno));
    return std::string();
  });
}

bool append_line(const fs::path& file, const std::string& line) {
  const int descriptor = open(file.c_str(), O_CREAT | O_APPEND | O_WRONLY, 0644);
  if (descriptor < 0) return false;
  const std::string text = line + "\n";
  const bool written = write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  return (close(descriptor) == 0) && written;
}

}  // namespace hypercast
