#include "core/random.hpp"

#include <cmath>
#include <numbers>

namespace hypercast {

std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> c, std::array<std::uint32_t, 2> k) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53} * c[0];
    const std::uint64_t b = std::uint64_t{0xCD9E8D57} * c[2];
    c = {static_cast<std::uint32_t>(b >> 32) ^ c[1] ^ k[0], static_cast<std::uint32_t>(b),
         static_cast<std::uint32_t>(a >> 32) ^ c[3] ^ k[1], static_cast<std::uint32_t>(a)};
    k[0] += 0x9E3779B9;
    k[1] += 0xBB67AE85;
  }
  return c;
}

namespace {

double unit(std::uint32_t high, std::uint32_t low) {
  const std::uint64_t bits = ((std::uint64_t{high} << 32) | low) >> 11;  // 53 bits
  return (static_cast<double>(bits) + 0.5) * 0x1p-53;
}

}  // namespace

std::array<std::uint32_t, 4> Random::block(std::uint64_t index) const {
  return philox4x32(
      {static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(index >> 32), stream_, purpose_}, key_);
}

double Random::uniform(std::uint64_t index) const {
  const auto r = block(index);
  return unit(r[0], r[1]);
}

double Random::normal(std::uint64_t index) const {
  const auto r = block(index);
  return std::sqrt(-2 * std::log(unit(r[0], r[1]))) * std::cos(2 * std::numbers::pi * unit(r[2], r[3]));
}

std::uint32_t Random::below(std::uint32_t bound, std::uint64_t index) const {
  return static_cast<std::uint32_t>((std::uint64_t{block(index)[0]} * bound) >> 32);
}

}  // namespace hypercast
