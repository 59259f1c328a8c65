#pragma once
// What a checkpoint holds (io/checkpoint.hpp): named arrays, texts and numbers. Nothing here knows what a
// model is.

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/error.hpp"
#include "io/hash.hpp"

namespace hypercast::io {

// Row-major; at least one axis. An axis may be empty.
struct Array {
  std::vector<std::int64_t> shape;
  std::variant<std::vector<float>, std::vector<double>, std::vector<std::int64_t>> values;
  bool operator==(const Array&) const = default;
};

// Entries by name, kept in order of their names. A slash in a name makes groups ("model/head/weights"). Names
// are not reused as groups, nor begin with "provenance".
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

// An array that need not be in anybody's memory as a whole: float32, one axis. `hand_over` gives all `size`
// numbers to a sink, in order, piece by piece.
struct Stream {
  using Sink = std::function<void(std::span<const float>)>;
  std::int64_t size = 0;
  std::function<void(const Sink&)> hand_over;
};
using Streams = std::map<std::string, Stream>;  // beside the entries of an archive, under other names

// Feeds a hasher with what payload_hash() is made of.
void add_to_hash(Hasher& hasher, const std::string& name, const Archive::Entry& entry);
void begin_in_hash(Hasher& hasher, const std::string& name, const Stream& stream);  // its numbers follow

// Over names, kinds, shapes and bytes of all entries (io/hash.hpp), so it says whether two checkpoints hold
// the same, whatever their provenance. It is the root attribute `payload_hash`.
std::string payload_hash(const Archive& archive);

}  // namespace hypercast::io
