#pragma once
// How a file proves that it is whole: a header in front that names what follows by size and hash.
//
//   file     = header payload
//   header   = "hypercast <kind> 1 size=<bytes> xxh3=<32 hex digits>\n" padded with zeros to 512 bytes
//   payload  = an HDF5 file (the header is its user block: h5py, h5dump and h5ls open the whole as it is)
//
// size and xxh3 (XXH3-128) are those of the payload; kind is "checkpoint" or "trajectory". A seal is checked
// before HDF5 sees a byte, because HDF5 itself accepts flipped bits in data and may crash on flipped bits in
// its own structures. Nothing here is collective.

#include <filesystem>
#include <string>
#include <string_view>

namespace hypercast::io {

inline constexpr std::size_t seal_size = 512;

// Writes the header of a file over its first 512 bytes, which must be there; reads all that follows, piece by
// piece. Not yet durable. Error (Exit::io) on failure.
void seal_file(const std::filesystem::path& path, std::string_view kind);

// Whether the file begins with a seal of any kind, true or damaged: it must not pass for one without a seal.
bool has_seal(const std::filesystem::path& path);
// Whether it begins as the files of that kind do, intact or not.
bool is_sealed_as(const std::filesystem::path& path, std::string_view kind);
// Why this is not an intact file of that kind: missing, without a seal, truncated, changed, of a newer
// hypercast; empty when it is one. It is read once, piece by piece; Error (Exit::io) when it cannot be.
std::string verify_seal(const std::filesystem::path& path, std::string_view kind);

}  // namespace hypercast::io
