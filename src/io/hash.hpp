#pragma once
// XXH3-128 (xxHash, seed 0) as 32 hex digits: what `xxhsum -H2` prints.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

struct XXH3_state_s;

namespace hypercast::io {

std::string hash(std::span<const char> bytes);

// The same for bytes that come piece by piece.
class Hasher {
 public:
  Hasher();
  void bytes(const void* start, std::size_t size);
  void number(std::int64_t value);
  void text(const std::string& value);  // its length, then its bytes
  std::string hex() const;              // of all so far

 private:
  struct Free {
    void operator()(XXH3_state_s* state) const;
  };
  std::unique_ptr<XXH3_state_s, Free> state_;
};

}  // namespace hypercast::io
