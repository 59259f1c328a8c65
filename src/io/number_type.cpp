#include "io/number_type.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>

#include "core/error.hpp"

namespace hypercast::io {

namespace {

// 1 bit of sign, 5 of exponent with bias 15, 10 of fraction.
struct Half {
  std::uint16_t bits;
  explicit operator double() const {
    // The same exponent and fraction in a float, whose bias is 127; exact, numbers near zero too.
    float size = std::bit_cast<float>((bits & 0x7fffu) << 13) * 0x1p112f;
    if ((bits & 0x7c00u) == 0x7c00u)
      size =
          bits & 0x03ffu ? std::numeric_limits<float>::quiet_NaN() : std::numeric_limits<float>::infinity();
    return bits >> 15 ? -size : size;
  }
};

struct Truth {
  std::uint8_t byte;
  explicit operator double() const { return byte != 0; }
};

template <class T>
void spread(std::span<const char> bytes, bool swapped, std::span<double> out, std::size_t stride) {
  const std::size_t count = bytes.size() / sizeof(T);
  for (std::size_t i = 0; i < count; ++i) {
    std::array<char, sizeof(T)> raw;
    std::memcpy(raw.data(), bytes.data() + i * sizeof(T), sizeof(T));
    if (swapped) std::reverse(raw.begin(), raw.end());
    out[i * stride] = static_cast<double>(std::bit_cast<T>(raw));
  }
}

using Spread = void (*)(std::span<const char>, bool, std::span<double>, std::size_t);

struct Known {
  char kind;
  int bytes;
  Spread spread;
};
constexpr std::array known{Known{'f', 2, spread<Half>},          Known{'f', 4, spread<float>},
                           Known{'f', 8, spread<double>},        Known{'i', 1, spread<std::int8_t>},
                           Known{'i', 2, spread<std::int16_t>},  Known{'i', 4, spread<std::int32_t>},
                           Known{'i', 8, spread<std::int64_t>},  Known{'u', 1, spread<std::uint8_t>},
                           Known{'u', 2, spread<std::uint16_t>}, Known{'u', 4, spread<std::uint32_t>},
                           Known{'u', 8, spread<std::uint64_t>}, Known{'b', 1, spread<Truth>}};

const Known* find(const NumberType& type) {
  const auto at = std::find_if(known.begin(), known.end(), [&](const Known& one) {
    return one.kind == type.kind && one.bytes == type.bytes;
  });
  return at == known.end() ? nullptr : &*at;
}

}  // namespace

std::string NumberType::name() const {
  if (kind == 'b') return "bool";
  return (kind == 'f' ? "float" : kind == 'i' ? "int" : "uint") + std::to_string(8 * bytes);
}

std::string NumberType::code() const {
  return (bytes == 1 ? "|" : big_endian ? ">" : "<") + std::string(1, kind) + std::to_string(bytes);
}

std::optional<NumberType> number_type(std::string_view code) {
  if (code.size() != 3 || std::string_view("<>|").find(code[0]) == std::string_view::npos) return {};
  const NumberType type{code[1], code[2] - '0', code[0] == '>' && code[2] != '1'};
  if (!find(type) || (code[0] == '|' && type.bytes > 1)) return {};
  return type;
}

void to_doubles(const NumberType& type, std::span<const char> bytes, std::span<double> out,
                std::size_t stride) {
  const Known* one = find(type);
  check(one, "numbers of an unknown type");
  const std::size_t count = bytes.size() / type.bytes;
  check(bytes.size() % type.bytes == 0 && (count == 0 || (count - 1) * stride < out.size()),
        "numbers that do not fit their room");
  one->spread(bytes, type.big_endian != (std::endian::native == std::endian::big), out, stride);
}

}  // namespace hypercast::io
