#pragma once
// Checkpoints: named arrays, texts and numbers in a file that proves its own integrity. Nothing here knows
// what a model is. The file is sealed (io/seal.hpp); the payload behind the seal is an HDF5 file.

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/comm.hpp"
#include "io/hash.hpp"
#include "io/provenance.hpp"

namespace hypercast::io {

// Row-major; at least one axis. An axis may be empty.
struct Array {
  std::vector<std::int64_t> shape;
  std::variant<std::vector<float>, std::vector<double>, std::vector<std::int64_t>> values;
  bool operator==(const Array&) const = default;
};

// What a checkpoint holds: entries by name, kept in order of their names. A slash in a name makes groups
// ("model/head/weights"). Names are not reused as groups, nor begin with "provenance".
class Archive {
 public:
  using Entry = std::variant<Array, std::string, double>;

  // T = float, double, std::int64_t. Error when the shape does not fit; an entry of that name is replaced.
  template <class T>
  void put(const std::string& name, std::vector<std::int64_t> shape, std::span<const T> values);
  template <class T>  // one axis
  void put(const std::string& name, const std::vector<T>& values) {
    put(name, {static_cast<std::int64_t>(values.size())}, std::span<const T>(values));
  }
  void put_text(const std::string& name, const std::string& value);
  void put_number(const std::string& name, double value);
  void put_entry(const std::string& name, Entry entry);

  // UserError (Exit::refused) when there is no such entry or it is of another kind or type: call them on
  // every rank alike. The spans live as long as the archive.
  const Array& array(const std::string& name) const;
  template <class T>
  std::span<const T> values(const std::string& name) const;
  const std::string& text(const std::string& name) const;
  double number(const std::string& name) const;

  const std::map<std::string, Entry>& entries() const { return entries_; }
  bool operator==(const Archive&) const = default;

 private:
  std::map<std::string, Entry> entries_;
};

// Over names, kinds, shapes and bytes of all entries (io/hash.hpp), so it says whether two checkpoints hold
// the same, whatever their provenance. It is the root attribute `payload_hash`.
std::string payload_hash(const Archive& archive);

// The whole file in memory (header and payload). The same archive and provenance give the same bytes.
std::vector<char> checkpoint_image(const Archive& archive, const Provenance& provenance);

// One rank writes: complete or absent (io/durable.hpp). Needs about three times the archive's memory. Error
// (Exit::io) on failure; what was at `path` before is then untouched.
void write_checkpoint(const std::filesystem::path& path, const Archive& archive,
                      const Provenance& provenance);

// COLLECTIVE. Rank 0 reads and verifies once, everybody gets the archive or the same UserError:
// Exit::no_input when the file is missing, Exit::data when it is damaged, truncated or no checkpoint, with
// the reason.
Archive read_checkpoint(const Comm& comm, const std::filesystem::path& path);

// The two halves of reading. `verify` returns why the bytes are not an intact checkpoint; empty when they
// are.
std::string verify_checkpoint(std::span<const char> image);
Archive parse_checkpoint(std::span<const char> image);  // of verified bytes

}  // namespace hypercast::io
