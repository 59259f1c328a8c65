#include <xxhash.h>

#include <memory>

#include "io/checkpoint.hpp"

namespace hypercast::io {

namespace {

class Hasher {
 public:
  Hasher() : state_(XXH3_createState(), XXH3_freeState) {
    if (!state_) throw std::bad_alloc();
    XXH3_128bits_reset(state_.get());
  }
  void bytes(const void* start, std::size_t size) { XXH3_128bits_update(state_.get(), start, size); }
  void number(std::int64_t value) { bytes(&value, sizeof value); }
  void text(const std::string& value) {
    number(static_cast<std::int64_t>(value.size()));
    bytes(value.data(), value.size());
  }
  std::string hex() const {
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state_.get()));
    std::string result;
    for (unsigned char byte : canonical.digest) {
      result += "0123456789abcdef"[byte >> 4];
      result += "0123456789abcdef"[byte & 15];
    }
    return result;
  }

 private:
  std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t*)> state_;
};

void add(Hasher& hasher, const Archive::Entry& entry) {
  hasher.number(static_cast<std::int64_t>(entry.index()));
  if (const auto* text = std::get_if<std::string>(&entry)) return hasher.text(*text);
  if (const auto* value = std::get_if<double>(&entry)) return hasher.bytes(value, sizeof *value);
  const Array& array = std::get<Array>(entry);
  hasher.number(static_cast<std::int64_t>(array.values.index()));
  hasher.number(static_cast<std::int64_t>(array.shape.size()));
  for (std::int64_t extent : array.shape) hasher.number(extent);
  std::visit([&](const auto& values) { hasher.bytes(values.data(), values.size() * sizeof values[0]); },
             array.values);
}

}  // namespace

std::string hash(std::span<const char> bytes) {
  Hasher hasher;
  hasher.bytes(bytes.data(), bytes.size());
  return hasher.hex();
}

std::string payload_hash(const Archive& archive) {
  Hasher hasher;
  for (const auto& [name, entry] : archive.entries()) {
    hasher.text(name);
    add(hasher, entry);
  }
  return hasher.hex();
}

}  // namespace hypercast::io
