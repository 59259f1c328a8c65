#pragma once
// Bytes that memory has no room for, in a file without a name: its space is free again when its owner ends,
// in whatever way.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

namespace hypercast::io {

class Scratch {
 public:
  // In this folder, which must exist. Error (Exit::io) here and below, naming the file and the reason.
  explicit Scratch(const std::filesystem::path& folder);
  ~Scratch();
  Scratch(Scratch&&) noexcept;
  std::uint64_t append(std::span<const char> bytes);  // where they begin
  void read(std::uint64_t offset, std::span<char> bytes) const;

 private:
  struct File;
  std::unique_ptr<File> file_;
};

}  // namespace hypercast::io
