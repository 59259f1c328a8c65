#include "io/hash.hpp"

#include <xxhash.h>

#include <new>

namespace hypercast::io {

Hasher::Hasher() : state_(XXH3_createState()) {
  if (!state_) throw std::bad_alloc();
  XXH3_128bits_reset(state_.get());
}

void Hasher::Free::operator()(XXH3_state_s* state) const { XXH3_freeState(state); }

void Hasher::bytes(const void* start, std::size_t size) { XXH3_128bits_update(state_.get(), start, size); }

void Hasher::number(std::int64_t value) { bytes(&value, sizeof value); }

void Hasher::text(const std::string& value) {
  number(static_cast<std::int64_t>(value.size()));
  bytes(value.data(), value.size());
}

std::string Hasher::hex() const {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state_.get()));
  std::string result;
  for (unsigned char byte : canonical.digest) {
    result += "0123456789abcdef"[byte >> 4];
    result += "0123456789abcdef"[byte & 15];
  }
  return result;
}

std::string hash(std::span<const char> bytes) {
  Hasher hasher;
  hasher.bytes(bytes.data(), bytes.size());
  return hasher.hex();
}

}  // namespace hypercast::io
