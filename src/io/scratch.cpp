#include "io/scratch.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <string>

#include "io/posix.hpp"

namespace hypercast::io {

namespace {

// Of this process; several may share a folder.
std::filesystem::path fresh_name(const std::filesystem::path& folder) {
  static std::atomic<int> count{0};
  char host[256] = "";
  gethostname(host, sizeof host - 1);
  return folder / ("." + std::string(host) + "-" + std::to_string(getpid()) + "-" + std::to_string(count++) +
                   ".scratch");
}

}  // namespace

struct Scratch::File {
  explicit File(const std::filesystem::path& path) : descriptor(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC) {
    std::error_code ignored;  // then it stays, under its name
    std::filesystem::remove(path, ignored);
  }
  Descriptor descriptor;
  std::uint64_t size = 0;
};

Scratch::Scratch(const std::filesystem::path& folder) : file_(std::make_unique<File>(fresh_name(folder))) {}
Scratch::~Scratch() = default;
Scratch::Scratch(Scratch&&) noexcept = default;

std::uint64_t Scratch::append(std::span<const char> bytes) {
  const auto begin = file_->size;
  file_->descriptor.write(bytes);
  file_->size += bytes.size();
  return begin;
}
void Scratch::read(std::uint64_t offset, std::span<char> bytes) const {
  file_->descriptor.read_at(bytes, offset);
}

}  // namespace hypercast::io
