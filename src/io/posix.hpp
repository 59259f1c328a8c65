#pragma once
// Files through the operating system, with its own words for what went wrong. Seen inside io only.

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace hypercast::io {

class Descriptor {
 public:
  Descriptor() = default;
  // As ::open; Error (Exit::io) when that fails.
  Descriptor(const std::filesystem::path& path, int flags);
  ~Descriptor();
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  // Each: Error (Exit::io) naming the file and the reason.
  void write(std::span<const char> bytes);  // all of them, where the last write ended
  void write_at(std::span<const char> bytes, std::uint64_t offset);  // all of them
  void read_at(std::span<char> bytes, std::uint64_t offset) const;   // all of them
  std::uint64_t size() const;
  // Takes disk space for a file of this size now, so that a full disk is met early. Does nothing where the
  // file system cannot.
  void reserve(std::uint64_t size);
  void sync();  // what was written is durable
  void sync_and_close();

 private:
  [[noreturn]] void fail(const char* what) const;

  std::filesystem::path path_;
  int raw_ = -1;
};

// That there is a file which can be read. UserError: Exit::no_input when there is not, Exit::data when it is
// a folder ("PATH: a folder, not " and what it should be) or a pipe or a device.
void require_file(const std::filesystem::path& path, const std::string& what);

void sync_folder_of(const std::filesystem::path& path);

}  // namespace hypercast::io
