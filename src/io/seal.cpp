#include "io/seal.hpp"

#include <fcntl.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <vector>

#include "core/error.hpp"
#include "io/hash.hpp"
#include "io/posix.hpp"

namespace hypercast::io {

namespace {

std::string magic(std::string_view kind) { return "hypercast " + std::string(kind) + " "; }

std::string header(std::uint64_t size, const std::string& hash, std::string_view kind) {
  std::string text = magic(kind) + "1 size=" + std::to_string(size) + " xxh3=" + hash + "\n";
  text.resize(seal_size, '\0');
  return text;
}

// The number after `key` in the header's line; -1 when there is none.
long long field(std::string_view line, std::string_view key) {
  const auto at = line.find(key);
  if (at == std::string::npos) return -1;
  long long value = -1;
  std::from_chars(line.data() + at + key.size(), line.data() + line.size(), value);
  return value;
}

// What is wrong with a file that starts so and has so many bytes in all; all but the hash.
std::string fault(const std::string& start, std::uint64_t size, std::string_view kind) {
  if (!start.starts_with(magic(kind))) return "not a hypercast " + std::string(kind);
  if (start.size() < seal_size) return "truncated within its header";
  const long long version = field(start, magic(kind));
  if (version > 1)
    return "written by a newer hypercast (" + std::string(kind) + " format " + std::to_string(version) + ")";
  const long long wanted = field(start, " size="), have = static_cast<long long>(size - seal_size);
  if (wanted > have)
    return "truncated: " + std::to_string(have) + " of " + std::to_string(wanted) + " bytes are there";
  return "";
}

constexpr const char* damaged =
    "damaged, or changed after hypercast wrote it: its content does not fit its checksum";

std::string hash_after_seal(const Descriptor& file, std::uint64_t size) {
  Hasher hasher;
  std::vector<char> piece(std::size_t{1} << 20);
  for (std::uint64_t at = seal_size; at < size; at += piece.size()) {
    piece.resize(std::min<std::uint64_t>(piece.size(), size - at));
    file.read_at(piece, at);
    hasher.bytes(piece.data(), piece.size());
  }
  return hasher.hex();
}

// The first 512 bytes, or as many as there are and then zeros.
std::string start_of(const std::filesystem::path& path) {
  std::string start(seal_size, '\0');
  std::ifstream(path, std::ios::binary).read(start.data(), seal_size);
  return start;
}

}  // namespace

void seal_file(const std::filesystem::path& path, std::string_view kind) {
  Descriptor file(path, O_RDWR);
  const std::uint64_t size = file.size();
  check(size >= seal_size, "a file without room for its seal");
  const std::string text = header(size - seal_size, hash_after_seal(file, size), kind);
  file.write_at(text, 0);
}

bool has_seal(const std::filesystem::path& path) {
  const std::string start = start_of(path);
  return start.starts_with("hypercast ") || start.find(" xxh3=") != std::string::npos;
}

bool is_sealed_as(const std::filesystem::path& path, std::string_view kind) {
  return start_of(path).starts_with(magic(kind));
}

std::string verify_seal(const std::filesystem::path& path, std::string_view kind) {
  std::error_code ignored;  // opening tells it better
  if (!std::filesystem::exists(path, ignored) && !ignored) return "no such file";
  if (std::filesystem::is_directory(path, ignored)) return "not a file";
  const Descriptor file(path, O_RDONLY);
  const std::uint64_t size = file.size();
  std::string start(std::min<std::uint64_t>(size, seal_size), '\0');
  file.read_at(start, 0);
  const std::string found = fault(start, size, kind);
  if (!found.empty()) return found;
  return start == header(size - seal_size, hash_after_seal(file, size), kind) ? "" : damaged;
}

}  // namespace hypercast::io
