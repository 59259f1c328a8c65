#pragma once
// Types of the numbers in files of others, and how their bytes become numbers.

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace hypercast::io {

struct NumberType {
  char kind = 'f';          // NumPy's letters: f floating point (IEEE 754), i and u integers with and without
                            // sign, b bool
  int bytes = 8;            // f: 2, 4, 8; i, u: 1, 2, 4, 8; b: 1
  bool big_endian = false;  // false where there is one byte

  std::string name() const;                                            // NumPy's: "float32", "int64", "bool"
  std::string code() const;                                            // NumPy's: "<f4", ">i8", "|b1"
  bool is_integer() const { return kind != 'f'; }                      // bool too
  bool fits_float() const { return bytes <= (is_integer() ? 2 : 4); }  // every value is a float
  double rounding() const { return kind != 'f' || bytes == 8 ? 0 : bytes == 4 ? 6e-8 : 5e-4; }  // relative
  bool operator==(const NumberType&) const = default;
};

// Of NumPy's code; nothing when it is of another type.
std::optional<NumberType> number_type(std::string_view code);

// Numbers that lie one after the other in `bytes`, WRITTEN to out[0], out[stride], out[2 stride], ... What a
// double cannot hold exactly (integers beyond 2^53) is rounded.
void to_doubles(const NumberType& type, std::span<const char> bytes, std::span<double> out,
                std::size_t stride = 1);

}  // namespace hypercast::io
