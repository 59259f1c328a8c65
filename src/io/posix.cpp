#include "io/posix.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/error.hpp"

namespace hypercast::io {

namespace {

constexpr std::size_t most = std::size_t{1} << 30;  // Linux moves no more than 2 GiB a call

// Calls `move(bytes left, bytes done)` until nothing is left; false with errno set when it fails.
template <class Byte, class Move>
bool all(std::span<Byte> bytes, Move move) {
  for (std::size_t done = 0; done < bytes.size();) {
    const auto rest = bytes.subspan(done, std::min(most, bytes.size() - done));
    const ssize_t moved = move(rest, done);
    if (moved < 0 && errno == EINTR) continue;
    if (moved == 0) errno = ENODATA;  // the file ends here
    if (moved <= 0) return false;
    done += moved;
  }
  return true;
}

}  // namespace

Descriptor::Descriptor(const std::filesystem::path& path, int flags)
    : path_(path), raw_(::open(path.c_str(), flags | O_CLOEXEC, 0666)) {
  if (raw_ < 0) fail(flags & O_CREAT ? "create" : "open");
}

Descriptor::~Descriptor() {
  if (raw_ >= 0) ::close(raw_);
}

void Descriptor::fail(const char* what) const {
  const std::string reason = std::strerror(errno);
  throw Error(std::string("cannot ") + what + " " + path_.string() + ": " + reason, Exit::io);
}

void Descriptor::write(std::span<const char> bytes) {
  if (!all(bytes, [&](auto rest, std::size_t) { return ::write(raw_, rest.data(), rest.size()); }))
    fail("write");
}

void Descriptor::write_at(std::span<const char> bytes, std::uint64_t offset) {
  if (!all(bytes, [&](auto rest, std::size_t done) {
        return ::pwrite(raw_, rest.data(), rest.size(), static_cast<off_t>(offset + done));
      }))
    fail("write");
}

void Descriptor::read_at(std::span<char> bytes, std::uint64_t offset) const {
  if (!all(bytes, [&](auto rest, std::size_t done) {
        return ::pread(raw_, rest.data(), rest.size(), static_cast<off_t>(offset + done));
      }))
    fail("read");
}

std::uint64_t Descriptor::size() const {
  struct stat status {};
  if (::fstat(raw_, &status) != 0) fail("look at");
  return static_cast<std::uint64_t>(status.st_size);
}

void Descriptor::reserve(std::uint64_t size) {
  if (::fallocate(raw_, 0, 0, static_cast<off_t>(size)) == 0) return;
  if (errno != EOPNOTSUPP && errno != ENOSYS) fail("reserve disk space for");
}

void Descriptor::sync() {
  if (::fsync(raw_) != 0) fail("make durable");
}

void Descriptor::sync_and_close() {
  sync();
  if (::close(std::exchange(raw_, -1)) != 0) fail("close");
}

void require_file(const std::filesystem::path& path, const std::string& what) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || ::access(path.c_str(), R_OK) != 0)
    throw UserError(Exit::no_input, "cannot open " + path.string() + ": " + std::strerror(errno));
  if (S_ISDIR(status.st_mode)) throw UserError(Exit::data, path.string() + ": a folder, not " + what);
  if (!S_ISREG(status.st_mode))
    throw UserError(Exit::data, path.string() + ": no ordinary file (a pipe or a device), save it as one");
}

void sync_folder_of(const std::filesystem::path& path) {
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  const int opened = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  // Some network file systems cannot sync a folder and say EINVAL; there is nothing more to do on those.
  const bool ok = opened >= 0 && (::fsync(opened) == 0 || errno == EINVAL);
  const std::string reason = std::strerror(errno);
  if (opened >= 0) ::close(opened);
  if (!ok) throw Error("cannot make the folder " + folder.string() + " durable: " + reason, Exit::io);
}

}  // namespace hypercast::io
