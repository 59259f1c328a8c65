#include "io/durable.hpp"

#include <fcntl.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "core/error.hpp"
#include "io/posix.hpp"

namespace hypercast::io {

void publish(const std::filesystem::path& from, const std::filesystem::path& to) {
  Descriptor(from, O_RDONLY).sync_and_close();
  if (std::rename(from.c_str(), to.c_str()) != 0)
    throw Error("cannot rename " + from.string() + ": " + std::strerror(errno), Exit::io);
  sync_folder_of(to);
}

void write_durably(const std::filesystem::path& path,
                   const std::function<void(const std::filesystem::path& part)>& fill) {
  std::error_code ignored;  // opening tells it better
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), ignored);
  std::filesystem::path part = path.parent_path() / ".";
  part += path.filename();
  part += ".tmp";
  try {
    fill(part);
    publish(part, path);
  } catch (...) {
    std::filesystem::remove(part, ignored);
    throw;
  }
}

void write_durably(const std::filesystem::path& path, std::span<const char> bytes) {
  write_durably(path, [&](const std::filesystem::path& part) {
    Descriptor file(part, O_WRONLY | O_CREAT | O_TRUNC);
    file.write(bytes);
    file.sync_and_close();
  });
}

void write_durably(const std::filesystem::path& path, const std::string& text) {
  write_durably(path, std::span(text.data(), text.size()));
}

std::string read_bytes(const std::filesystem::path& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) throw UserError(Exit::no_input, "cannot open " + path.string() + ": " + std::strerror(errno));
  const std::streamoff size = file.tellg();
  std::string bytes(size < 0 ? 0 : static_cast<std::size_t>(size), '\0');
  file.seekg(0);
  if (size < 0 || !file.read(bytes.data(), size)) throw Error("cannot read " + path.string(), Exit::io);
  return bytes;
}

}  // namespace hypercast::io
